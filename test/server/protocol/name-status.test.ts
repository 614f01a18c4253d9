import { describe, expect, it } from "vitest";
import type { TypeId } from "../../../src/resources/resource-type.js";
import { nameStatuses } from "../../../src/server/protocol/name-status.js";
import { SessionPeer } from "./transcripts/session-peer.js";

/** State of each name, and which version is meant: that in the set, another one, or none. */
function states(peer: SessionPeer, type: TypeId): Record<string, string> {
	const [subscription] = [...peer.session.subscriptions];
	if (!subscription) throw new Error("nothing is asked for");
	const set = peer.set(type);
	return Object.fromEntries(
		[...nameStatuses(subscription)].map(({ name, state, resource }) => {
			const which = resource === undefined ? "none" : resource === set.get(name) ? "newest" : "other";
			return [name, `${state} ${which}`];
		}),
	);
}

describe.each(["sotw", "delta"] as const)("what a %s stream has of a name", (mode) => {
	it("is yet to be sent, on its way, and then ACKed", () => {
		const peer = new SessionPeer();
		peer.open(mode);
		for (const name of ["a", "b"]) peer.put("eds", name, "1");
		peer.send({ type: "eds", names: ["a", "b"] });
		expect(states(peer, "eds")).toEqual({ a: "pending newest", b: "pending newest" });
		const response = peer.next();
		expect(states(peer, "eds")).toEqual({ a: "sent newest", b: "sent newest" });
		peer.send({ type: "eds", names: mode === "sotw" ? ["a", "b"] : [], nonce: response?.nonce ?? "" });
		expect(states(peer, "eds")).toEqual({ a: "acked newest", b: "acked newest" });
		peer.put("eds", "a", "2");
		expect(states(peer, "eds")).toEqual({ a: "pending newest", b: "acked newest" });
	});

	it("is missing where there is nothing, and unknown while it is awaited", () => {
		const peer = new SessionPeer();
		peer.open(mode);
		peer.await("eds", "b", false);
		peer.send({ type: "eds", names: ["a", "b"] });
		expect(states(peer, "eds")).toEqual({ a: "missing none", b: "unknown none" });
	});

	it("is rejected: the version that the client rejects", () => {
		const peer = new SessionPeer();
		peer.open(mode);
		peer.put("eds", "a", "1");
		peer.send({ type: "eds", names: ["a"] });
		const { nonce = "" } = peer.next() ?? {};
		peer.send({ type: "eds", names: mode === "sotw" ? ["a"] : [], nonce, error: "bad" });
		expect(states(peer, "eds")).toEqual({ a: "rejected newest" });
	});

	it("is told of what a wildcard lists, too, each name once", () => {
		const peer = new SessionPeer();
		peer.open(mode);
		for (const name of ["a", "b"]) peer.put("cds", name, "1");
		peer.send({ type: "cds", names: ["a", "*"] });
		const [subscription] = [...peer.session.subscriptions];
		const names = subscription ? [...nameStatuses(subscription)].map(({ name }) => name) : [];
		expect(names.toSorted()).toEqual(["a", "b"]);
		const other = new SessionPeer();
		other.open(mode);
		for (const name of ["a", "b"]) other.put("cds", name, "1");
		other.send({ type: "cds", names: ["a"] });
		expect(Object.keys(states(other, "cds"))).toEqual(["a"]);
	});
});
