import { describe, expect, it } from "vitest";
import type { TypeId } from "../../../../src/resources/resource-type.js";
import { MAX_WORK } from "../../../../src/server/protocol/subscription/draft-builder.js";
import { PeerServer, SessionPeer } from "../transcripts/session-peer.js";

const list = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);

function open(mode: "sotw" | "delta"): SessionPeer {
	const peer = new SessionPeer();
	peer.open(mode);
	return peer;
}

/** All that is due, of each response how much is in it, and the names of all. */
function take(peer: SessionPeer) {
	const [sizes, names]: [number[], string[]] = [[], []];
	for (let response = peer.next(); response; response = peer.next()) {
		const { resources, removed } = response;
		sizes.push(resources.size + removed.length);
		names.push(...resources.keys(), ...removed);
	}
	return { sizes, names: new Set(names) };
}

describe("what is too much for a response goes on in the next one", () => {
	it.each<{ mode: "sotw" | "delta"; type: TypeId; most: number }>([
		{ mode: "delta", type: "cds", most: MAX_WORK / 2 },
		{ mode: "delta", type: "eds", most: MAX_WORK / 2 },
		{ mode: "sotw", type: "eds", most: MAX_WORK / 3 },
	])("of names that do not exist, in $mode of $type", ({ mode, type, most }) => {
		const peer = open(mode);
		const names = list(most + 10);
		peer.send({ type, names });
		expect(take(peer)).toEqual({ sizes: [most, 10], names: new Set(names) });
	});

	it("of resources", () => {
		const peer = open("delta");
		const names = list(MAX_WORK + 10);
		for (const name of names) peer.put("cds", name, "1");
		peer.send({ type: "cds", names });
		expect(take(peer)).toEqual({ sizes: [MAX_WORK, 10], names: new Set(names) });
	});

	it("of what stands in for rejected versions", () => {
		const server = new PeerServer();
		const [peer, other] = [new SessionPeer(server), new SessionPeer(server)];
		for (const name of ["a", "b"]) peer.put("eds", name, "2.5MB");
		other.open("delta");
		other.send({ type: "eds", names: ["a", "b"] });
		for (let sent = other.next(); sent; sent = other.next()) other.send({ type: "eds", nonce: sent.nonce });
		for (const name of ["a", "b"]) peer.put("eds", name, "bad");
		peer.open("delta");
		peer.send({ type: "eds", names: ["a", "b"] });
		const standIns: string[] = [];
		for (let sent = peer.next(); sent; sent = peer.next()) {
			const isBad = [...sent.resources.values()].includes("bad");
			if (!isBad) standIns.push([...sent.resources.keys()].join(""));
			peer.send({ type: "eds", nonce: sent.nonce, ...(isBad && { error: "bad" }) });
		}
		expect(standIns).toEqual(["a", "b"]);
	});

	it("of what is gone", () => {
		const peer = open("delta");
		const names = list(MAX_WORK / 2 + 10);
		for (const name of names) peer.put("cds", name, "1");
		peer.send({ type: "cds", names });
		take(peer);
		for (const name of names) peer.remove("cds", name);
		expect(take(peer)).toEqual({ sizes: [MAX_WORK / 2, 10], names: new Set(names) });
		expect(peer.session.isDue).toBe(false);
	});
});
