import { beforeEach, describe, expect, it } from "vitest";
import { type Request, SessionPeer } from "../transcripts/session-peer.js";

let peer: SessionPeer;

beforeEach(() => {
	peer = new SessionPeer();
	peer.open("delta");
	peer.ttl = 60_000;
});

const send = (request: Omit<Request, "type">) => peer.send({ type: "cds", ...request });
const subscription = () => [...peer.session.subscriptions][0];

/** All that is due, and acknowledged unless it is not to be: names with a body, and `~` before those without. */
function take(error?: (names: string) => string | undefined, acks = true): string[] {
	const taken: string[] = [];
	for (let sent = peer.next(); sent; sent = peer.next()) {
		const names = [...sent.versions.keys()].map((name) => (sent.bodiless.has(name) ? `~${name}` : name)).join(" ");
		taken.push([names, ...sent.removed.map((name) => `-${name}`)].join(" ").trim());
		const message = error?.(names);
		if (acks) send({ nonce: sent.nonce, ...(message !== undefined && { error: message }) });
	}
	return taken;
}

function have(...names: string[]): void {
	for (const name of names) peer.put("cds", name, "1");
	send({ names });
	take();
}

describe("a heartbeat of a delta stream", () => {
	it("has no bodies, of what the client has", () => {
		have("a", "b");
		peer.session.heartbeat(false);
		expect([peer.saysDue, subscription()?.isDue, take()]).toEqual([true, true, ["~a ~b"]]);
	});

	it("is the whole of what a client that is late may have lost", () => {
		have("a", "b");
		peer.session.heartbeat(true);
		expect(take()).toEqual(["a b"]);
	});

	it("is the whole of all where something was not acknowledged in time", () => {
		have("a", "b");
		peer.put("cds", "a", "2");
		expect(take(undefined, false)).toEqual(["a"]);
		peer.session.heartbeat(false);
		expect(take()).toEqual(["a b"]);
	});

	it("is nothing of what the client is to be told of, and of what it has not", () => {
		have("a", "b");
		peer.put("cds", "a", "2");
		peer.remove("cds", "b");
		peer.session.heartbeat(false);
		expect(take()).toEqual(["a", "-b"]);
		peer.session.heartbeat(false);
		expect(take()).toEqual(["~a"]);
	});

	it("lets the version live on that the client has in place of one that it rejects", () => {
		have("a", "b");
		peer.put("cds", "a", "2");
		expect(take(() => "bad")).toEqual(["a"]);
		peer.session.heartbeat(false);
		expect(take()).toEqual(["~a ~b"]);
		peer.session.heartbeat(true);
		expect(take()).toEqual(["b", "~a"]);
	});

	it("that is rejected leaves the client with nothing that could live on: it gets all again", () => {
		have("a", "b");
		peer.session.heartbeat(false);
		expect(take((names) => (names.startsWith("~") ? "what is that?" : undefined))).toEqual(["~a ~b", "a b"]);
	});

	it("of nothing is none", () => {
		send({ names: ["gone"] });
		take();
		peer.session.heartbeat(false);
		expect([peer.saysDue, take()]).toEqual([false, []]);
	});

	it("is none once the stream has ended", () => {
		have("a");
		const closed = subscription();
		peer.session.heartbeat(false);
		peer.close();
		expect(closed?.isDue).toBe(false);
	});
});

describe("a delta stream", () => {
	it.each([5, 6, 7])("is not told of what goes while its wildcard is taken, at step %i", (at) => {
		for (const name of ["a", "b", "c"]) peer.put("cds", name, "1");
		let steps = 0;
		peer.send({ type: "cds", names: ["x", "*"] }, (step) => {
			steps = step;
			if (step === at) for (const name of ["a", "b", "c"]) peer.remove("cds", name);
		});
		expect([steps, take()]).toEqual([7, ["-x"]]);
	});

	it("knows its names, and which it wants by a wildcard", () => {
		have("a", "b");
		expect([subscription()?.hasNames, subscription()?.wants("a"), subscription()?.wants("c")]).toEqual([
			true,
			true,
			false,
		]);
		send({ names: ["*"] });
		send({ unsubscribe: ["a", "b"] });
		expect([subscription()?.hasNames, subscription()?.wildcard, subscription()?.wants("c")]).toEqual([
			false,
			true,
			true,
		]);
	});

	it("says that something is due at what makes it due, and not at a plain ACK", () => {
		have("a", "b");
		peer.put("cds", "a", "2");
		const { nonce = "" } = peer.next() ?? {};
		peer.put("cds", "b", "2");
		while (peer.next()) {}
		send({ nonce });
		expect(peer.saysDue).toBe(false);
		send({ nonce: "of another stream" });
		expect(peer.saysDue).toBe(false);
		send({ names: ["c"] });
		expect(peer.saysDue).toBe(true);
	});
});
