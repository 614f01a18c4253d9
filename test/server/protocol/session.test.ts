import { beforeEach, describe, expect, it } from "vitest";
import type { TypeId } from "../../../src/resources/resource-type.js";
import type { Mode } from "../../../src/server/wire/mode.js";
import { EMPTY } from "./transcripts/content.js";
import { type Request, SessionPeer } from "./transcripts/session-peer.js";

/** A type of each way to keep a subscription: complete sets, what changed alone, and what delta says. */
const SUBSCRIPTIONS: readonly { readonly mode: Mode; readonly type: TypeId }[] = [
	{ mode: "sotw", type: "cds" },
	{ mode: "sotw", type: "eds" },
	{ mode: "delta", type: "cds" },
	{ mode: "delta", type: "eds" },
];

let peer: SessionPeer;

beforeEach(() => {
	peer = new SessionPeer();
});

/** All that is due is taken. */
function take() {
	const taken = [];
	for (let response = peer.next(); response; response = peer.next()) taken.push(response);
	return taken;
}

describe.each(SUBSCRIPTIONS)("a subscription to $type in $mode", ({ mode, type }) => {
	const send = (request: Omit<Request, "type">) => peer.send({ type, ...request });
	const subscription = () => [...peer.session.subscriptions][0];
	const status = () => peer.session.status()[type];
	const dueFor = (...names: string[]) => names.map((name) => subscription()?.isDueFor(name));

	beforeEach(() => {
		peer.open(mode);
		for (const name of ["a", "b", "c"]) peer.put(type, name, "1");
	});

	it("shows its names, and whether it has a wildcard", () => {
		send({ names: ["a", "b"] });
		expect([status()?.names, status()?.wildcard, status()?.mode]).toEqual([["a", "b"], false, mode]);
		expect([[...(subscription()?.names() ?? [])], subscription()?.wildcard]).toEqual([["a", "b"], false]);
		send({ names: ["a", "b", "*"], nonce: take().at(-1)?.nonce ?? "" });
		expect([status()?.names, status()?.wildcard]).toEqual([["a", "b"], type === "cds"]);
	});

	it("is in sync once all is ACKed, and not while something is to be sent, is in flight, or is rejected", () => {
		send({ names: ["a"] });
		const synced = () => [status()?.synced, status()?.sent?.version, status()?.acked?.version];
		expect(synced()).toEqual([false, undefined, undefined]);
		const [first] = take();
		expect(synced()).toEqual([false, first?.version, undefined]);
		send({ names: mode === "sotw" ? ["a"] : [], nonce: first?.nonce ?? "", version: first?.version ?? "" });
		expect([take(), synced()]).toEqual([[], [true, first?.version, first?.version]]);
		peer.put(type, "a", "2");
		expect(synced()).toEqual([false, first?.version, first?.version]);
		const [second] = take();
		send({ names: mode === "sotw" ? ["a"] : [], nonce: second?.nonce ?? "", error: "bad" });
		take();
		expect([synced(), status()?.nacked?.error]).toEqual([[false, expect.anything(), first?.version], "bad"]);
	});

	it("knows which names the client has ACKed in their newest version", () => {
		const acked = () => ["a", "b", "z", "c"].map((name) => subscription()?.hasAcked(name));
		const answer = (nonce: string | undefined, error?: string) =>
			send({ names: mode === "sotw" ? ["a", "b", "z"] : [], nonce: nonce ?? "", ...(error && { error }) });
		send({ names: ["a", "b", "z"] });
		expect(acked()).toEqual([false, false, false, false]);
		const nonce = take().at(-1)?.nonce;
		expect(acked()).toEqual([false, false, false, false]);
		answer(nonce);
		take();
		expect(acked()).toEqual([true, true, false, false]);
		peer.put(type, "b", "2");
		expect(acked()[1]).toBe(false);
		const [second] = take();
		expect(acked()[1]).toBe(false);
		answer(second?.nonce, "bad");
		take();
		expect(acked()[1]).toBe(false);
	});

	it("says that a response is due at a request, at a change and at a heartbeat, and not at an ACK", () => {
		const said = () => [peer.saysDue, take().at(-1)?.nonce ?? ""] as const;
		send({ names: ["a"] });
		const [due, nonce] = said();
		send({ names: mode === "sotw" ? ["a"] : [], nonce });
		expect([due, peer.saysDue]).toEqual([true, false]);
		peer.put(type, "b", "2");
		expect(peer.saysDue).toBe(false);
		peer.put(type, "a", "2");
		expect(said()[0]).toBe(true);
		peer.open(mode);
		peer.ttl = 60_000;
		send({ names: ["a", "b"] });
		const [, first] = said();
		send({ names: mode === "sotw" ? ["a", "b"] : [], nonce: first });
		peer.session.heartbeat(false);
		expect(peer.saysDue).toBe(type === "cds");
		take();
	});

	it("knows whether the client asks for any name", () => {
		const asks = (...names: string[]) => {
			const nonce = take().at(-1)?.nonce ?? "";
			send(mode === "sotw" ? { names, nonce } : { names, unsubscribe: names.length > 0 ? [] : ["a"], nonce });
			return subscription()?.hasNames;
		};
		expect([asks("a"), asks()]).toEqual([true, false]);
	});

	it("has nothing to send once the stream is closed", () => {
		send({ names: ["a", "b"] });
		const { session } = peer;
		expect(session.isDue).toBe(true);
		peer.close();
		expect([session.isDue, session.next(), [...session.types], session.status()]).toEqual([false, undefined, [], {}]);
	});

	it("says nothing where a name is given up", () => {
		send({ names: ["a", "b"] });
		const nonce = take().at(-1)?.nonce ?? "";
		send(mode === "sotw" ? { names: ["a"], nonce } : { unsubscribe: ["b"], nonce });
		expect([peer.saysDue, status()?.names]).toEqual([false, ["a"]]);
	});

	it("is due for what is asked for or changed and not sent yet, and for nothing else", () => {
		peer.put(type, "z", "1");
		send({ names: ["a", "b"] });
		expect(dueFor("a", "b")).toEqual([true, true]);
		const [first] = take();
		expect(dueFor("a", "b", "z")).toEqual([false, false, false]);
		peer.put(type, "b", "2");
		expect(dueFor("a", "b", "z")).toEqual([false, true, false]);
		const [second] = take();
		expect([first, second].map((response) => response?.resources.has("b"))).toEqual([true, true]);
		expect(dueFor("a", "b", "z")).toEqual([false, false, false]);
	});

	it("refuses more names than there may be, as they are after the request", () => {
		peer.maxNames = 3;
		send({ names: ["a", "b"] });
		take();
		const isRefused = (names: readonly string[], unsubscribe: readonly string[] = []) => {
			try {
				send({ names, unsubscribe });
				return false;
			} catch (reason) {
				expect(reason).toMatchObject({ message: "4 names" });
				return true;
			}
		};
		if (mode === "sotw") {
			expect([isRefused(["c", "d", "e"]), isRefused(["a", "b", "c", "d"])]).toEqual([false, true]);
			return;
		}
		// What is asked for again, or given up by the same request, needs no room.
		expect([isRefused(["a", "b", "c"]), isRefused(["c", "c"]), isRefused(["d", "e"], ["a", "b", "z"])]).toEqual([
			false,
			false,
			false,
		]);
		expect([isRefused(["c"], ["c"]), isRefused(["f"])]).toEqual([false, true]);
	});

	it("knows of each response when the oldest change in it was made, and that an answer is none", () => {
		const since = () => send({ names: mode === "sotw" ? ["a", "b"] : [], nonce: take().at(-1)?.nonce ?? "" });
		send({ names: ["a", "b"] });
		expect(since()?.response.since).toBeUndefined();
		const [first, second] = [peer.put(type, "b", "2"), peer.put(type, "a", "2")];
		expect(first).toBeLessThan(second);
		expect(since()?.response.since).toBe(first);
		expect(take()).toEqual([]);
		const third = peer.remove(type, "a");
		expect(since()?.response.since).toBe(third);
		const fourth = peer.put(type, "a", "3");
		expect(since()?.response.since).toBe(fourth);
	});

	it("sends nothing more once the session is closed, whatever was due or rejected", () => {
		send({ names: ["a", "b", "c", "*"] });
		const [first] = take();
		send({ names: mode === "sotw" ? ["a", "b", "c", "*"] : [], nonce: first?.nonce ?? "", error: "bad" });
		peer.put(type, "a", "2");
		peer.remove(type, "c");
		const closed = subscription();
		expect(closed?.isDue).toBe(true);
		const { session } = peer;
		peer.close();
		expect([closed?.stream.nacks.size, closed?.isDueFor("a")]).toEqual([0, false]);
		peer.put(type, "a", "3");
		expect([session.isDue, closed?.isDueFor("a")]).toEqual([false, false]);
	});

	it("holds nothing once the session is closed", () => {
		send({ names: ["a", "*"] });
		take();
		const { session } = peer;
		expect([[...session.types], peer.held > 0]).toEqual([[type], true]);
		peer.close();
		expect([[...session.types], [...session.subscriptions], session.isDue, peer.held]).toEqual([[], [], false, 0]);
	});
});

it("a subscription to complete sets is not due for what changed and is gone", () => {
	peer.open("sotw");
	for (const name of ["a", "b"]) peer.put("cds", name, "1");
	peer.send({ type: "cds" });
	take();
	peer.put("cds", "a", "2");
	peer.put("cds", "new", "1");
	for (const name of ["a", "new"]) peer.remove("cds", name);
	const [subscription] = [...peer.session.subscriptions];
	expect(["a", "new"].map((name) => subscription?.isDueFor(name))).toEqual([false, false]);
	expect(take().map(({ resources }) => [...resources.keys()])).toEqual([["b"]]);
});

it("a complete set that is sent is over: the next one knows of its own changes alone", () => {
	peer.open("sotw");
	peer.put("cds", "a", "1");
	peer.send({ type: "cds", names: ["a"] });
	const [first] = take();
	peer.send({ type: "cds", names: ["a"], nonce: first?.nonce ?? "" });
	peer.put("cds", "a", "2");
	// The turn ends here: what is left of it is not looked at before the next change.
	const second = peer.next();
	const changed = peer.put("cds", "a", "3");
	const third = peer.next();
	expect([second, third].map((response) => response?.resources.get("a") !== undefined)).toEqual([true, true]);
	const ack = peer.send({ type: "cds", names: ["a"], nonce: third?.nonce ?? "" });
	expect(ack?.response.since).toBe(changed);
});

it("a client that comes with the version of the whole list counts as in sync with it", () => {
	peer.put("cds", "a", "1");
	const { version } = peer.set("cds");
	peer.open("sotw");
	peer.send({ type: "cds", version });
	const { cds } = peer.session.status();
	expect([take(), cds?.synced, cds?.sent?.version, cds?.acked?.version]).toEqual([[], true, version, version]);
});

it("an empty assignment in place of none is not sent once more where the service has no endpoints", () => {
	peer.open("sotw");
	peer.send({ type: "eds", names: ["a"] });
	const sent = peer.next();
	expect([...(sent?.resources ?? [])]).toEqual([["a", EMPTY]]);
	peer.send({ type: "eds", names: ["a"], nonce: sent?.nonce ?? "" });
	peer.put("eds", "a", EMPTY);
	expect(peer.next()).toBeUndefined();
	peer.put("eds", "a", "1");
	expect([...(peer.next()?.resources ?? [])]).toEqual([["a", "1"]]);
});

describe("a session", () => {
	it("says of a response whether anybody asked for it", () => {
		peer.open("sotw");
		peer.put("eds", "a", "1");
		peer.send({ type: "eds", names: ["a"] });
		expect(peer.session.next()?.push).toBe(false);
		peer.put("eds", "a", "2");
		expect(peer.session.next()?.push).toBe(true);
	});

	it.each(["sotw", "delta"] as const)("has another nonce for each response, in %s", (mode) => {
		peer.open(mode);
		for (const type of ["cds", "eds"] as const) {
			peer.put(type, "a", "1");
			peer.send({ type, names: ["a"] });
		}
		const nonces = take().map(({ nonce }) => nonce);
		expect([nonces.length, new Set(nonces).size]).toEqual([2, 2]);
	});
});
