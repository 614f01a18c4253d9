import { describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { AgentUnreachable } from "../../../src/providers/blocking/query/blocking-source.js";
import { GIVEN_UP, QueryTurns } from "../../../src/providers/blocking/query/query-turns.js";

const { signal } = new AbortController();
const LATER = { signal, first: false, patient: false };

/** A task that ends when it is told to. */
function task(order: string[], name: string) {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const run = () => {
		order.push(name);
		return promise;
	};
	return { run, end: () => resolve(name), fail: reject };
}

describe("turns", () => {
	it("are given in order, but first to who has been told nothing yet", async () => {
		const order: string[] = [];
		const turns = new QueryTurns(1);
		const [running, one, two, first] = ["running", "one", "two", "first"].map((name) => task(order, name));
		const all = [
			turns.run(running?.run as () => Promise<string>, LATER),
			turns.run(one?.run as () => Promise<string>, LATER),
			turns.run(two?.run as () => Promise<string>, LATER),
			turns.run(first?.run as () => Promise<string>, { ...LATER, first: true }),
		];
		for (const each of [running, one, two, first]) each?.end();
		expect(await Promise.all(all)).toEqual(["running", "one", "two", "first"]);
		expect(order).toEqual(["running", "first", "one", "two"]);
	});

	it("are given up by as many who wait for something new as others want one, the oldest first", async () => {
		const turns = new QueryTurns(2);
		const ended: string[] = [];
		const patient = (name: string) =>
			turns.run(
				(giveUp) =>
					new Promise<never>((_, reject) => {
						giveUp.addEventListener("abort", () => {
							ended.push(name);
							reject(giveUp.reason);
						});
					}),
				{ ...LATER, patient: true },
			);
		const a = patient("a");
		void patient("b");
		const other = turns.run(async () => "other", { ...LATER, first: true });
		expect([await a, await other]).toEqual([GIVEN_UP, "other"]);
		expect(ended).toEqual(["a"]);
	});

	it("end for who does not want one any more, and for all who wait when the agent is away", async () => {
		const order: string[] = [];
		const turns = new QueryTurns(1);
		const running = task(order, "running");
		const controller = new AbortController();
		const first = turns.run(running.run, LATER);
		const gone = turns.run(task(order, "gone").run, { ...LATER, signal: controller.signal });
		const waits = turns.run(task(order, "waits").run, LATER);
		const reason = new Error("enough");
		controller.abort(reason);
		await expect(gone).rejects.toBe(reason);
		const away = new AgentUnreachable("away");
		running.fail(away);
		await expect(first).rejects.toBe(away);
		await expect(waits).rejects.toBe(away);
		expect(await turns.run(async () => "next", LATER)).toBe("next");
		const other = task(order, "other");
		const second = turns.run(other.run, LATER);
		const stays = turns.run(async () => "stays", LATER);
		await waitUntil("it runs", () => order.includes("other"));
		other.fail(new Error("of this query only"));
		await expect(second).rejects.toThrow("of this query only");
		expect(await stays).toBe("stays");
	});
});
