import { beforeEach, describe, expect, it } from "vitest";
import type { TypeId } from "../../../../src/resources/resource-type.js";
import { SessionPeer } from "../transcripts/session-peer.js";

let peer: SessionPeer;
let type: TypeId;

beforeEach(() => begin("eds"));

function begin(of: TypeId): void {
	type = of;
	peer = new SessionPeer();
	peer.open("sotw");
}

const subscription = () => [...peer.session.subscriptions][0];

/** All that is due, as `name=content`. */
function take(): string[] {
	const taken: string[] = [];
	for (let sent = peer.next(); sent; sent = peer.next()) {
		taken.push([...sent.resources].map(([name, content]) => `${name}=${content}`).join(" "));
	}
	return taken;
}

/** A request that acknowledges the newest response. */
function send(names: readonly string[], error?: string, version = ""): void {
	const nonce = subscription()?.stream.log.lastNonce ?? "";
	peer.send({ type, names, nonce, version, ...(error !== undefined && { error }) });
}

describe("a client of types whose responses hold what changed", () => {
	it("gets what it asks for, and then what changes or is asked for more", () => {
		for (const name of ["a", "b"]) peer.put(type, name, "1");
		send(["a"]);
		expect(take()).toEqual(["a=1"]);
		send(["a", "b"]);
		expect(take()).toEqual(["b=1"]);
		peer.put(type, "a", "2");
		expect(take()).toEqual(["a=2"]);
		expect([subscription()?.hasNames, subscription()?.wildcard, subscription()?.wants("c")]).toEqual([
			...[true, false, false],
		]);
	});

	it("gets all again where it repeats its request after its ACK, and nothing where it has rejected", () => {
		for (const name of ["a", "b"]) peer.put(type, name, "1");
		send(["a", "b"]);
		take();
		send(["a", "b"]);
		expect([peer.saysDue, take()]).toEqual([false, []]);
		send(["a", "b"]);
		expect(take()).toEqual(["a=1 b=1"]);
		begin("eds");
		peer.put(type, "a", "1");
		send(["a"]);
		take();
		send(["a"], "bad");
		expect(take()).toEqual([]);
		send(["a"], "bad");
		expect(take()).toEqual([]);
		send(["a"]);
		expect(take()).toEqual([]);
	});

	it("is told once more of what does not exist, where an empty resource says so, by name alone else", () => {
		send(["gone"]);
		expect(take()).toEqual(["gone=empty"]);
		send(["gone"]);
		send(["gone"]);
		expect(take()).toEqual(["gone=empty"]);
		begin("rds");
		send(["gone"]);
		expect(take()).toEqual([""]);
		send(["gone"]);
		send(["gone"]);
		expect([take(), subscription()?.isDue]).toEqual([[], false]);
	});

	it("gets a shorter list without a word, and a name that it gave up and wants again anew", () => {
		for (const name of ["a", "b"]) peer.put(type, name, "1");
		send(["a", "b"]);
		take();
		send(["a"]);
		expect([peer.saysDue, take()]).toEqual([false, []]);
		peer.put(type, "b", "2");
		expect(take()).toEqual([]);
		send(["a", "b"]);
		expect(take()).toEqual(["b=2"]);
	});

	it("gets all by a heartbeat, as Envoy takes an entry without a body for one that is missing", () => {
		begin("rds");
		peer.ttl = 60_000;
		for (const name of ["a", "b"]) peer.put(type, name, "1");
		send(["a", "b", "gone"]);
		expect(take()).toHaveLength(1);
		peer.session.heartbeat(false);
		expect(take().map((all) => all.split(" ").length)).toEqual([2]);
	});

	it("that came with a version may have what is not known: an unknown name is not emptied for it", () => {
		peer.await(type, "a", true);
		send(["a"], undefined, "of before");
		expect(take()).toEqual([]);
		begin("eds");
		peer.await(type, "a", true);
		send(["a"]);
		expect(take()).toEqual(["a=empty"]);
	});

	it("is not rejected for a list that it sends with a version later", () => {
		peer.await(type, "b", true);
		peer.put(type, "a", "1");
		send(["a"]);
		take();
		send(["a", "b"], undefined, "some");
		expect(take()).toEqual(["b=empty"]);
	});
});
