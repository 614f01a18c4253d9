"""An xDS-enabled gRPC server (grpcio), which listens on the address given and serves once the control plane has sent the
Listener for it. It reads its bootstrap from the environment. The unary method /lab.Echo/Who answers with raw bytes: the
address. It ends with its input."""

import concurrent.futures
import sys

import grpc


def main() -> None:
    address = sys.argv[1]
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=4), xds=True)
    who = grpc.unary_unary_rpc_method_handler(lambda _request, _context: address.encode())
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("lab.Echo", {"Who": who})])
    server.add_insecure_port(address)
    server.start()
    print("listening", address, flush=True)
    sys.stdin.read()
    server.stop(0).wait()


main()
