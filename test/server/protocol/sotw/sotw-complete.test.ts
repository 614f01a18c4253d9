import { beforeEach, describe, expect, it, vi } from "vitest";
import type { EncodedResource } from "../../../../src/resources/encoded-resource.js";
import type { Ack } from "../../../../src/server/protocol/acks/response-log.js";
import { SessionPeer } from "../transcripts/session-peer.js";

let peer: SessionPeer;

beforeEach(() => {
	peer = new SessionPeer();
	peer.open("sotw");
	for (const name of ["a", "b"]) peer.put("cds", name, "1");
});

const subscription = () => [...peer.session.subscriptions][0];
const listed = () => peer.set("cds").listedVersion;

/** All that is due, as `name=content`, and what is said not to exist. */
function take(): string[] {
	const taken: string[] = [];
	for (let sent = peer.next(); sent; sent = peer.next()) {
		const there = [...sent.resources].map(([name, content]) => `${name}=${content}`);
		taken.push([...there, ...sent.absent.map((name) => `no ${name}`)].join(" "));
	}
	return taken;
}

/** A request that acknowledges the newest response. */
function send(names: readonly string[], version = ""): Ack | undefined {
	return peer.send({ type: "cds", names, version, nonce: subscription()?.stream.log.lastNonce ?? "" });
}

describe("a client of complete sets that comes with the version of the whole list", () => {
	it("has it, where it asks for nothing else", () => {
		send([], listed());
		expect([take(), subscription()?.hasAcked("a"), subscription()?.isDue]).toEqual([[], true, false]);
		peer.put("cds", "a", "2");
		expect(take()).toEqual([expect.stringContaining("a=2")]);
	});

	it("is answered where it names something, too", () => {
		send(["a", "*"], listed());
		expect(take()).toEqual(["a=1 b=1"]);
	});

	it("is answered where it says so later", () => {
		send(["a"]);
		expect(take()).toEqual(["a=1"]);
		send(["*"], listed());
		expect(take()).toEqual(["a=1 b=1"]);
	});

	it("is answered where it is another version", () => {
		send([], "other");
		expect(take()).toEqual(["a=1 b=1"]);
	});
});

describe("a client of complete sets", () => {
	it("gets the whole set again where it asks for more, and nothing where it asks for less", () => {
		send(["a"]);
		expect(take()).toEqual(["a=1"]);
		send(["a", "b"]);
		expect(take()).toEqual(["a=1 b=1"]);
		send(["b"]);
		expect([peer.saysDue, take(), subscription()?.hasAcked("a"), subscription()?.hasAcked("b")]).toEqual([
			...[false, [], false, true],
		]);
	});

	it("has what it asks for made ready before it is sent", () => {
		const made = ["a", "b"].map((name) => vi.spyOn(peer.set("cds").get(name) as EncodedResource, "makeSotw"));
		const times = () => made.map(({ mock }) => mock.calls.length);
		send(["a"]);
		expect(times()).toEqual([1, 0]);
		send(["a", "*"]);
		expect(times()).toEqual([2, 1]);
		expect(take()).toEqual(["a=1 b=1"]);
	});

	it("gets nothing where a change is undone before it was sent", () => {
		send([]);
		take();
		send([]);
		peer.put("cds", "a", "2");
		peer.put("cds", "a", "1");
		expect([take(), subscription()?.isDue]).toEqual([[], false]);
		peer.remove("cds", "a");
		peer.put("cds", "a", "1");
		expect([take(), subscription()?.isDue]).toEqual([[], false]);
	});

	it("is behind since the oldest change, though it was given another set to follow since", () => {
		send([]);
		take();
		send([]);
		const oldest = peer.put("cds", "a", "2");
		subscription()?.moveTo(peer.set("cds"), ["b"], oldest + 10);
		expect(subscription()?.next("update")?.since).toBe(oldest);
		subscription()?.moveTo(peer.set("cds"), ["b"], oldest + 20);
		peer.put("cds", "b", "2");
		expect(subscription()?.next("update")?.since).toBe(oldest + 20);
	});

	it("gets what is new before what is gone goes, in two sets", () => {
		send([]);
		take();
		send([]);
		peer.put("cds", "c", "1");
		peer.remove("cds", "a");
		expect(take().map((all) => all.split(" ").toSorted().join(" "))).toEqual(["a=1 b=1 c=1", "b=1 c=1"]);
	});

	it("is told once of a name that does not exist, and again once it asks anew", () => {
		send(["a", "gone"]);
		expect(take()).toEqual(["a=1 no gone"]);
		send(["a", "gone"]);
		peer.put("cds", "a", "2");
		expect(take()).toEqual(["a=2"]);
		send(["a"]);
		send(["a", "gone"]);
		expect(take()).toEqual(["a=2 no gone"]);
	});

	it("is due for all once it has asked for more, and for what changed else", () => {
		send(["a"]);
		expect([subscription()?.isDueFor("a"), subscription()?.isDueFor("b")]).toEqual([true, true]);
		take();
		send(["a"]);
		peer.put("cds", "a", "2");
		expect([subscription()?.isDueFor("a"), subscription()?.isDueFor("b")]).toEqual([true, false]);
	});

	it("has ACKed nothing of a set that is on its way", () => {
		send([]);
		take();
		expect(subscription()?.hasAcked("a")).toBe(false);
		send([]);
		expect(subscription()?.hasAcked("a")).toBe(true);
		peer.put("cds", "b", "2");
		take();
		expect(subscription()?.hasAcked("a")).toBe(false);
	});

	it("is not sent a set again by a changed listener's name: that concerns other types", () => {
		send([]);
		take();
		subscription()?.resend("a");
		expect([subscription()?.isDue, take()]).toEqual([false, []]);
	});
});
