import { beforeEach, describe, expect, it } from "vitest";
import { SessionPeer } from "../transcripts/session-peer.js";

let peer: SessionPeer;

beforeEach(() => {
	peer = new SessionPeer();
	peer.open("sotw");
});

/** All that is due: the names in each set. */
function take(): string[] {
	const taken: string[] = [];
	for (let response = peer.next(); response; response = peer.next())
		taken.push([...response.resources.keys()].join(""));
	return taken;
}

function send(names: readonly string[], error?: string): void {
	const nonce = subscription()?.stream.log.lastNonce ?? "";
	peer.send({ type: "cds", names, nonce, ...(error !== undefined && { error }) });
}

const subscription = () => [...peer.session.subscriptions][0];
const rejects = (name: string) => subscription()?.stream.nacks.of(name) !== undefined;

describe("a client of complete sets that rejects", () => {
	it("what is gone alone, is not sent it once more", () => {
		for (const name of ["a", "b"]) peer.put("cds", name, "1");
		send(["*"]);
		expect(take()).toEqual(["ab"]);
		send(["*"]);
		peer.remove("cds", "b");
		expect(take()).toEqual(["a"]);
		send(["*"], "I want it back");
		expect([take(), subscription()?.isDue]).toEqual([[], false]);
		peer.put("cds", "c", "1");
		expect(take()).toEqual(["ac"]);
	});

	it("a resource, rejects it still where a wildcard lists it and its name is given up", () => {
		peer.put("cds", "a", "1");
		send(["a", "*"]);
		expect(take()).toEqual(["a"]);
		send(["a", "*"], "bad");
		take();
		expect(rejects("a")).toBe(true);
		send(["*"]);
		expect([rejects("a"), take()]).toEqual([true, []]);
	});

	it("a resource, rejects it no more once it is given up or asked for anew", () => {
		for (const name of ["a", "b"]) peer.put("cds", name, "1");
		send(["a"]);
		take();
		send(["a"], "bad");
		take();
		send(["b"]);
		expect([rejects("a"), take()]).toEqual([false, ["b"]]);
		send(["a", "b"]);
		expect(take()).toEqual(["ab"]);
		send(["a", "b"], "a is bad");
		take();
		expect([rejects("a"), rejects("b")]).toEqual([true, false]);
	});

	it("a set of which nothing is left, goes without what it rejected and is sent the rest", () => {
		for (const name of ["a", "b", "c"]) peer.put("cds", name, "1");
		send(["*"]);
		expect(take()).toEqual(["abc"]);
		send(["*"], "b is bad");
		expect(take()).toEqual(["ac"]);
		send(["*"]);
		expect([take(), rejects("b"), rejects("a")]).toEqual([[], true, false]);
		expect(peer.session.status().cds?.nacked?.resources).toEqual(["b"]);
		peer.put("cds", "b", "2");
		expect(take().map((names) => [...names].toSorted().join(""))).toEqual(["abc"]);
	});
});

describe("a heartbeat of complete sets", () => {
	beforeEach(() => {
		peer.ttl = 60_000;
	});

	it("is the set, and nothing where the client has an empty one or asks for nothing", () => {
		send(["*"]);
		expect(take()).toEqual([""]);
		peer.session.heartbeat(false);
		expect(take()).toEqual([]);
		peer.put("cds", "a", "1");
		expect(take()).toEqual(["a"]);
		peer.session.heartbeat(false);
		expect(take()).toEqual(["a"]);
		send(["b"]);
		take();
		send([]);
		take();
		peer.session.heartbeat(false);
		expect(take()).toEqual([]);
	});
});
