import { describe, expect, it } from "vitest";
import { askingStreams } from "../../../src/server/protocol/asking-streams.js";
import { type HoldingStream, holdersOf } from "../../../src/server/protocol/holders.js";
import { PeerServer, SessionPeer } from "./transcripts/session-peer.js";

const NAME = "web";

/** Streams of one server, each of which asks for these types' resource of a name. */
class Streams {
	readonly #server = new PeerServer();
	readonly #peers: SessionPeer[] = [];

	constructor() {
		for (const type of ["cds", "eds"] as const) new SessionPeer(this.#server).put(type, NAME, "1");
	}

	/** @param has whether it ACKs what it is sent. */
	add(has: boolean, types: readonly ("cds" | "eds")[], name = NAME): this {
		const peer = new SessionPeer(this.#server);
		peer.open("delta");
		for (const type of types) peer.send({ type, names: [name] });
		for (let sent = peer.next(); sent; sent = peer.next()) {
			if (has || sent.type.id === "cds") peer.send({ type: sent.type.id, nonce: sent.nonce });
		}
		this.#peers.push(peer);
		return this;
	}

	get all(): HoldingStream[] {
		return this.#peers.map((peer, i) => ({ id: i + 1, nodeId: `n${i + 1}`, session: peer.session }));
	}
}

function holders(streams: Streams) {
	const steps = holdersOf(streams.all, NAME);
	let count = 0;
	for (let step = steps.next(); ; step = steps.next()) {
		if (step.done) return { ...step.value, steps: count };
		count++;
	}
}

describe("who holds a service", () => {
	it("is who asks for it by any type, apart from who has ACKed all of it", () => {
		const streams = new Streams()
			.add(true, ["cds", "eds"])
			.add(false, ["cds", "eds"])
			.add(true, ["eds"], "other")
			.add(false, ["cds"]);
		expect(holders(streams)).toEqual({
			asking: 3,
			acked: 2,
			having: [
				{ node: "n1", stream: 1, types: { cds: "acked", eds: "acked" } },
				{ node: "n4", stream: 4, types: { cds: "acked" } },
			],
			lacking: [{ node: "n2", stream: 2, types: { cds: "acked", eds: "sent" } }],
			steps: 4,
		});
	});

	it("is named 100 times of each, and counted beyond", () => {
		const streams = new Streams();
		for (let i = 0; i < 101; i++) streams.add(true, ["eds"]).add(false, ["eds"]);
		const { asking, acked, having, lacking } = holders(streams);
		expect([asking, acked, having.length, lacking.length]).toEqual([202, 101, 100, 100]);
	});
});

it("who asks for a service's endpoints is told one after the other, with a step for each stream", () => {
	const streams = new Streams()
		.add(true, ["cds", "eds"])
		.add(false, ["eds"])
		.add(true, ["cds"])
		.add(true, ["eds"], "x");
	expect([...askingStreams(streams.all, NAME)]).toEqual([
		"",
		{ node: "n1", stream: 1, state: "acked" },
		"",
		{ node: "n2", stream: 2, state: "sent" },
		"",
		"",
	]);
});
