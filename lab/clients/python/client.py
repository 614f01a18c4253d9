"""A real gRPC client (grpcio, which is C-core) in a process of its own, which resolves xds:///NAME.

It reads its bootstrap from the environment and obeys commands that come as lines of JSON; lab/clients/README.md
describes them.
"""

import json
import os
import sys
import threading
import time
from datetime import datetime, timezone

import grpc
import grpc.experimental

# TLS where the control plane says so, else in clear. With such credentials C-core connects anew to all endpoints when a weight
# changes, so only a client that has certificates has them.
CREDENTIALS = (
    grpc.xds_channel_credentials(grpc.experimental.insecure_channel_credentials())
    if "certificate_providers" in os.environ["GRPC_XDS_BOOTSTRAP_CONFIG"]
    else grpc.experimental.insecure_channel_credentials()
)


class Tally:
    def __init__(self):
        self._lock = threading.Lock()
        self._counts = {"ok": 0, "failed": 0, "byBackend": {}, "failures": [], "slowest": 0}

    def count(self, started, finished):
        """Counts a call that has ended."""
        took = round((time.monotonic() - started) * 1_000)
        error = finished.exception()
        with self._lock:
            counts = self._counts
            counts["slowest"] = max(counts["slowest"], took)
            if error is None:
                name = finished.result().decode()
                counts["ok"] += 1
                counts["byBackend"][name] = counts["byBackend"].get(name, 0) + 1
                return
            counts["failed"] += 1
            if len(counts["failures"]) < 10:
                at = datetime.now(timezone.utc).isoformat()
                counts["failures"].append(f"{at} after {took} ms: {error.code().name}: {error.details()}")

    def read(self):
        with self._lock:
            return json.loads(json.dumps(self._counts))


methods = {}
methods_lock = threading.Lock()


def method_of(service):
    with methods_lock:
        if service not in methods:
            channel = grpc.secure_channel(f"xds:///{service}", CREDENTIALS)
            # Without serializers messages are bytes.
            methods[service] = channel, channel.unary_unary("/lab.Echo/Who")
        return methods[service][1]


def start_call(command, tally, ended):
    started = time.monotonic()
    user = command.get("user")
    metadata = [("x-user", user)] if user else None
    future = method_of(command["service"]).future(b"", timeout=command["deadline"] / 1_000, metadata=metadata)

    def end(finished):
        tally.count(started, finished)
        ended()

    future.add_done_callback(end)


def calls(command):
    """Makes so many calls, a number of them at a time."""
    tally = Tally()
    free = threading.Semaphore(command["parallel"])
    for _ in range(command["count"]):
        free.acquire()
        start_call(command, tally, free.release)
    for _ in range(command["parallel"]):
        free.acquire()
    return tally.read()


class Load:
    def __init__(self, command):
        self._command = command
        self._stopping = threading.Event()
        self._open = 0
        self._changed = threading.Condition()
        self.tally = Tally()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        begin = time.monotonic()
        sent = 0
        while not self._stopping.wait(0.005):
            due = (time.monotonic() - begin) * self._command["rate"]
            # After a pause of this process it catches up, but not with a flood.
            for _ in range(20):
                if sent >= due:
                    break
                sent += 1
                with self._changed:
                    self._open += 1
                start_call(self._command, self.tally, self._end_one)

    def _end_one(self):
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def stop(self):
        self._stopping.set()
        self._thread.join()
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0)
        return self.tally.read()


writing = threading.Lock()


def reply(answer):
    with writing:
        print(json.dumps(answer), flush=True)


def reply_later(command, work):
    threading.Thread(target=lambda: reply({"id": command["id"], "tally": work()}), daemon=True).start()


def obey(command, loads):
    do, service = command["do"], command["service"]
    running = loads.get(service)
    if do == "calls":
        reply_later(command, lambda: calls(command))
    elif do == "startLoad" and running is None:
        loads[service] = Load(command)
        reply({"id": command["id"], "tally": Tally().read()})
    elif do == "readLoad" and running is not None:
        reply({"id": command["id"], "tally": running.tally.read()})
    elif do == "stopLoad" and running is not None:
        del loads[service]
        reply_later(command, running.stop)
    else:
        reply({"id": command["id"], "error": f"cannot {do} the service {service} now"})


def main():
    loads = {}
    # The end of the input says that the test that started it is gone.
    for line in sys.stdin:
        obey(json.loads(line), loads)


main()
