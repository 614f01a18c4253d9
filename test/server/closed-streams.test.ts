import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { type Request, SessionPeer } from "./protocol/transcripts/session-peer.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What a client asks for in one request after the other, each with the newest nonce. */
const CLIENTS: readonly { readonly what: string; readonly requests: readonly Omit<Request, "nonce">[] }[] = [
	{ what: "all clusters, by no name", requests: [{ type: "cds" }, { type: "cds" }] },
	{
		what: "all clusters and one",
		requests: [
			{ type: "cds", names: ["*", "a"] },
			{ type: "cds", names: ["*", "a", "a"] },
		],
	},
	{
		what: "the same, once twice",
		requests: [
			{ type: "eds", names: ["a", "b"] },
			{ type: "eds", names: ["a", "b", "a"] },
		],
	},
];

describe.each<Mode>(["sotw", "delta"])("of a %s stream that has ended", (mode) => {
	it.each(CLIENTS)("nothing is left in memory: $what", async ({ requests }) => {
		const peer = new SessionPeer();
		for (const type of ["cds", "eds"] as const) peer.put(type, "a", "1");
		peer.open(mode);
		let nonce = "";
		for (const request of requests) {
			peer.send({ ...request, nonce });
			nonce = peer.next()?.nonce ?? nonce;
		}
		const subscriptions = [...peer.session.subscriptions].map((subscription) => new WeakRef(subscription));
		peer.close();
		expect(peer.held).toBe(0);
		await waitUntil("the subscriptions are gone", async () => {
			collect();
			await delay(0);
			return subscriptions.every((each) => each.deref() === undefined);
		});
	});
});
