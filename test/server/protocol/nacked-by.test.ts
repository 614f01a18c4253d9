import { expect, it } from "vitest";
import type { ResourceProblem } from "../../../src/cache/resource-problem.js";
import { ResourceSet } from "../../../src/cache/resource-set.js";
import { resourceType } from "../../../src/resources/resource-types.js";
import { type NackingStream, nackedBy, withAckedBy } from "../../../src/server/protocol/nacked-by.js";
import { finish } from "../../util/finish.js";
import { PeerServer, SessionPeer } from "./transcripts/session-peer.js";

const NAMES = ["a", "b"];

/** Streams to one server that ask for the same endpoints. */
class Streams {
	readonly #server = new PeerServer();
	readonly peers: readonly SessionPeer[];

	constructor(count: number) {
		this.peers = Array.from({ length: count }, (_, i) => {
			const peer = new SessionPeer(this.#server);
			peer.open(i % 2 === 0 ? "sotw" : "delta");
			peer.send({ type: "eds", names: NAMES });
			return peer;
		});
	}

	put(name: string, content: string): void {
		this.peers[0]?.put("eds", name, content);
	}

	/** @param rejects which of them reject what they are sent; those that are not in there either do not answer. */
	answer(answers: readonly ("acks" | "rejects" | undefined)[]): void {
		for (const [i, peer] of this.peers.entries()) {
			for (let sent = peer.next(); sent; sent = peer.next()) {
				const { nonce, resources } = sent;
				const names = peer.mode === "sotw" ? NAMES : [];
				const rejects = answers[i] === "rejects" && [...resources.values()].includes("bad");
				if (answers[i]) peer.send({ type: "eds", names, nonce, ...(rejects && { error: `stream ${i}: a is bad` }) });
			}
		}
	}

	problems(only?: string): readonly ResourceProblem[] {
		const streams = this.peers.map(({ session }): NackingStream => ({ view: "envoy", session }));
		return finish(withAckedBy(streams, finish(nackedBy(streams, only))));
	}
}

it("a resource that clients reject stands once, with how many reject it and how many have ACKed it", () => {
	const streams = new Streams(6);
	for (const name of NAMES) streams.put(name, "1");
	streams.answer(Array(6).fill("acks"));
	expect(streams.problems()).toEqual([]);

	streams.put("a", "bad");
	// One has not answered yet.
	streams.answer(["acks", "rejects", "rejects", "acks", "acks", undefined]);
	const problem = { name: "a", type: "eds", family: "envoy", reason: "rejected", message: "stream 1: a is bad" };
	expect(streams.problems()).toMatchObject([{ ...problem, rejectedBy: 2, ackedBy: 3, isAccepted: true }]);
	expect(streams.problems("a")).toHaveLength(1);
	expect(streams.problems("b")).toEqual([]);

	streams.put("a", "2");
	streams.answer(Array(6).fill("acks"));
	expect(streams.problems()).toEqual([]);
});

it("a resource that all reject is accepted by none", () => {
	const streams = new Streams(3);
	streams.put("a", "bad");
	streams.answer(Array(3).fill("rejects"));
	expect(streams.problems()).toMatchObject([{ name: "a", rejectedBy: 3, ackedBy: 0, isAccepted: false }]);
});

/** A stream that rejects so many names, in one response at that time. */
function rejecting(names: number, at: number, searching = false): NackingStream {
	const resources = Array.from({ length: names }, (_, i) => `n${i}`);
	const nack = { version: "v", resources, error: `at ${at}`, at: new Date(at), searching };
	const stream = { set: new ResourceSet(resourceType("eds")), nacks: { nack } };
	return { view: "envoy", session: { subscriptions: [{ stream, hasAcked: () => true }] } } as unknown as NackingStream;
}

it("rejections are looked at 1,000 names at a time, and stream by stream", () => {
	const steps = (names: number) => [...nackedBy([rejecting(names, 0), rejecting(0, 0)])].length;
	expect([steps(999), steps(1_000), steps(2_000), steps(2_999)]).toEqual([2, 3, 4, 4]);
});

it("a rejection has the words of the first stream and the time of the earliest; a search does not count", () => {
	const streams = [rejecting(1, 5), rejecting(1, 3), rejecting(1, 4), rejecting(2, 1, true)];
	expect(finish(nackedBy(streams))).toMatchObject([{ message: "at 5", since: new Date(3), rejectedBy: 3 }]);
});

it.each([
	{ names: 1_000, ackedBy: 2 },
	{ names: 1_001, ackedBy: null },
])("who has ACKed is counted of 1,000 rejected resources at most: of $names", ({ names, ackedBy }) => {
	const streams = [rejecting(names, 0), rejecting(names, 0)];
	expect(finish(withAckedBy(streams, finish(nackedBy(streams))))[names - 1]?.ackedBy).toBe(ackedBy);
	expect([...withAckedBy(streams, [])]).toEqual([]);
});
