import { describe, expect, it } from "vitest";
import { MAX_WORK } from "../../../../src/server/protocol/subscription/draft-builder.js";
import { PeerServer, SessionPeer } from "../transcripts/session-peer.js";

const list = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);

/** The first drafts of two streams that ask for the same names. */
function drafts(mode: "sotw" | "delta", names: readonly string[], present = names.slice(0, 2)) {
	const server = new PeerServer();
	return [0, 1].map(() => {
		const peer = new SessionPeer(server);
		peer.open(mode);
		for (const name of present) peer.put("eds", name, "1");
		peer.send({ type: "eds", names });
		const [subscription] = [...peer.session.subscriptions];
		return subscription?.next("update");
	});
}

describe.each(["sotw", "delta"] as const)("%s streams that begin with the same names", (mode) => {
	it("get the very same draft", () => {
		const [one, other] = drafts(mode, ["n0", "n1"]);
		expect(one?.resources.map(({ name }) => name)).toEqual(["n0", "n1"]);
		expect(other).toBe(one);
	});

	it("get the very same draft of as many names as go into one", () => {
		const names = list(MAX_WORK);
		const [one, other] = drafts(mode, names, names);
		expect(one?.resources).toHaveLength(MAX_WORK);
		expect(other).toBe(one);
	});

	it("get drafts of their own where the names are so many that they go into several", () => {
		const [one, other] = drafts(mode, list(MAX_WORK + 1));
		expect(one?.resources.length).toBeGreaterThan(0);
		expect(other).not.toBe(one);
	});
});
