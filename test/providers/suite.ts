import { describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { parseTarget } from "../../src/model/target.js";
import { ServiceNotFound, SourceFailed } from "../../src/util/errors.js";
import type { Ability, AdaptedSource, ProviderAdapter } from "./adapted-source.js";
import { heldClock } from "./held-clock.js";
import { activeResources, follow, Observed } from "./observed.js";

const A = "127.0.0.1:8001";
const B = "127.0.0.1:8002";
const C = "127.0.0.1:8003";
const NEVER = new AbortController().signal;
/** So long a dead connection may go unnoticed: milliseconds. */
const NOTICED_MS = 60_000;
/** Services of the test of many watches, and watches of each. */
const MANY = { services: 50, watches: 20 };

/** The contract of src/providers/README.md, held against one provider: each runs it by an adapter of its own. */
export function providerSuite(name: string, adapter: ProviderAdapter): void {
	const { start, invalid, lacks = {}, holdsClock = true } = adapter;
	const can = (...abilities: readonly Ability[]) => abilities.every((ability) => lacks[ability] === undefined);
	const started = async () => {
		const source = await start("quick");
		await source.set(0, [A, B]);
		return source;
	};

	describe(`${name}, as every provider, when it watches`, () => {
		it("tells the first list, each endpoint with its target as origin", async () => {
			await using source = await started();
			using watched = follow(source, 0);
			await watched.until("it is told", ({ list }) => list === only(source, 0, A, B));
			expect(new Set(watched.observed.endpoints.map(({ origin }) => origin?.target))).toEqual(
				new Set([source.target(0)]),
			);
			expect(watched.observed.failures).toEqual([]);
		});

		if (can("change")) {
			it("tells the full list after each change, and nothing else as a change", async () => {
				await using source = await started();
				using watched = follow(source, 0);
				const until = (...list: readonly string[]) =>
					watched.until(`it is told ${list}`, (o) => o.list === list.join(" "));
				await until(A, B);
				await source.set(0, [A, B, C]);
				await until(A, B, C);
				const before = source.requests?.() ?? 0;
				// The same once more: where the source is asked again, let it be asked.
				await source.set(0, [A, B, C]);
				if (can("requests")) await waitUntil("it is asked again", () => (source.requests?.() ?? 0) > before);
				await source.set(0, [B]);
				await until(B);
				expect(watched.observed.lists).toEqual([[A, B].join(" "), [A, B, C].join(" "), B]);
				expect(watched.observed.failures).toEqual([]);
			});

			it("tells all who watch a target, and goes on for the rest when one ends", async () => {
				await using source = await started();
				using first = follow(source, 0);
				using second = follow(source, 0);
				for (const { until } of [first, second]) await until("it is told", ({ list }) => list === `${A} ${B}`);
				using third = follow(source, 0);
				await third.until("it is told what the others know", ({ list }) => list === `${A} ${B}`);
				first.abort();
				await source.set(0, [C]);
				for (const { until } of [second, third]) await until("it is told", ({ list }) => list === C);
				expect(first.observed.lists).toEqual([`${A} ${B}`]);
			});
		}

		if (can("change", "empty")) {
			it("takes empty for an answer, first and later", async () => {
				await using source = await started();
				await source.set(1, []);
				using watched = follow(source, 0);
				using empty = follow(source, 1);
				await watched.until("it is told", ({ list }) => list === `${A} ${B}`);
				await empty.until("it is told", ({ list }) => list === "");
				await source.set(0, []);
				await watched.until("it is emptied", ({ list }) => list === "");
				await source.set(1, [C]);
				await empty.until("it is filled", ({ list }) => list === C);
				expect([watched.observed.failures, empty.observed.failures]).toEqual([[], []]);
			});
		}

		if (can("missing")) {
			it("takes a service that does not exist for an empty one, and waits for it", async () => {
				await using source = await started();
				using watched = follow(source, 7);
				await watched.until("it is told", ({ list }) => list === "");
				await source.set(7, [C]);
				await watched.until("it is there", ({ list }) => list === C);
				expect(watched.observed.failures).toEqual([]);
			});
		}

		if (can("failure")) {
			it("keeps the list while the source fails, and tells what is new once it has recovered", async () => {
				await using source = await started();
				using watched = follow(source, 0);
				await watched.until("it is told", ({ list }) => list === `${A} ${B}`);
				await source.fail?.();
				await watched.until("it is told of the failure", ({ status }) => status.state === "stale");
				expect(watched.observed.lists).toEqual([`${A} ${B}`]);
				await source.recover?.();
				await watched.until("it is confirmed", ({ status }) => status.state === "synced");
				if (can("change")) {
					await source.set(0, [C]);
					await watched.until("it is told", ({ list }) => list === C);
				}
				expect(watched.observed.failures.every((error) => error instanceof SourceFailed)).toBe(true);
			});

			it("waits for a source that is away at the start", async () => {
				await using source = await started();
				await source.fail?.();
				using watched = follow(source, 0);
				await watched.until("it is told of the failure", ({ status }) => status.state === "failed");
				expect(watched.observed.lists).toEqual([]);
				await source.recover?.();
				await watched.until("it is told", ({ list }) => list === `${A} ${B}`);
			});
		}

		it("tells nothing and asks for nothing where the signal has fired before", async () => {
			await using source = await started();
			const before = source.requests?.();
			const observed = new Observed(parseTarget(source.target(0)));
			observed.watch(source.provider, AbortSignal.abort());
			// Another watch that is told shows that there was time.
			using watched = follow(source, 0);
			await watched.until("another is told", ({ list }) => list !== undefined);
			expect([observed.lists, observed.failures]).toEqual([[], []]);
			if (before !== undefined) expect(source.requests?.()).toBeGreaterThanOrEqual(before);
		});

		it("tells nothing more to who ends the watch within the first answer", async () => {
			await using source = await started();
			const controller = new AbortController();
			let told = 0;
			const end = () => {
				told++;
				controller.abort();
			};
			source.provider.watch(parseTarget(source.target(0)), { endpoints: end, failed: end }, controller);
			await waitUntil("it is told", () => told > 0);
			if (can("change")) await source.set(0, [C]);
			using watched = follow(source, 0);
			await watched.until("another is told", ({ list }) => list !== undefined);
			expect(told).toBe(1);
		});

		it("tells a target that it cannot serve as a failure", async () => {
			await using source = await started();
			const observed = new Observed(parseTarget(invalid));
			observed.watch(source.provider, NEVER);
			expect(observed.failures.map(({ code }) => code)).toEqual(["INVALID_TARGET"]);
		});

		it("leaves nothing behind of 1,000 watches", async () => {
			await using source = await start("quick");
			const { services, watches } = MANY;
			for (let n = 0; n < services; n++) await source.set(n, [A]);
			const before = activeResources();
			const all = Array.from({ length: services * watches }, (_, i) => follow(source, i % services));
			for (const [i, { until }] of all.entries()) {
				await until("it is told", ({ list }) => list === only(source, i % services, A));
			}
			for (const { abort } of all) abort();
			if (source.open) await waitUntil("no connection is open", async () => (await source.open?.()) === 0);
			await waitUntil("there is no more than before", () => {
				const now = activeResources();
				const more = Object.keys(now).filter((type) => (now[type] ?? 0) > (before[type] ?? 0));
				if (more.length > 0) throw new Error(JSON.stringify({ before, now }));
				return true;
			});
		});
	});

	describe(`${name}, as every provider, when it looks once`, () => {
		it("gives the list, and leaves nothing open", async () => {
			await using source = await started();
			const list = await source.provider.discover(parseTarget(source.target(0)), { signal: NEVER });
			expect(new Observed(parseTarget(source.target(0))).textOf(list)).toBe(only(source, 0, A, B));
			if (source.open) await waitUntil("no connection is open", async () => (await source.open?.()) === 0);
		});

		it("rejects with the signal's reason, and an invalid target as such", async () => {
			await using source = await started();
			const reason = new Error("enough");
			const aborted = source.provider.discover(parseTarget(source.target(0)), { signal: AbortSignal.abort(reason) });
			await expect(aborted).rejects.toBe(reason);
			const refused = source.provider.discover(parseTarget(invalid), { signal: NEVER });
			await expect(refused).rejects.toMatchObject({ code: "INVALID_TARGET" });
		});

		if (can("missing")) {
			it("rejects with ServiceNotFound where the source says so", async () => {
				await using source = await started();
				const found = source.provider.discover(parseTarget(source.target(7)), { signal: NEVER });
				await expect(found).rejects.toThrow(ServiceNotFound);
			});
		}

		if (can("failure")) {
			it("rejects with SourceFailed where the source fails", async () => {
				await using source = await started();
				await source.fail?.();
				const found = source.provider.discover(parseTarget(source.target(0)), { signal: NEVER });
				await expect(found).rejects.toThrow(SourceFailed);
			});
		}
	});

	if (!holdsClock || !(can("silence") || can("requests"))) return;

	describe(`${name}, as every provider, by the times that users have`, () => {
		if (can("silence")) {
			it("notices within 60 s that a connection has died, keeps the list, and recovers", async () => {
				using clock = heldClock();
				await using source = await start("default");
				await source.set(0, [A, B]);
				using watched = follow(source, 0);
				await clock.until("it is told", () => watched.observed.list === `${A} ${B}`);
				// Where requests follow one another, one is under way.
				await clock.advance(1_500);
				await source.fallSilent?.();
				await clock.advance(NOTICED_MS);
				expect(watched.observed.status.state).toBe("stale");
				expect(watched.observed.lists).toEqual([`${A} ${B}`]);
				await source.recover?.();
				await clock.advance(NOTICED_MS);
				expect(watched.observed.status.state).toBe("synced");
			});
		}

		if (can("failure", "requests")) {
			it("asks a source that fails once a second at most", async () => {
				using clock = heldClock();
				await using source = await start("default");
				await source.set(0, [A, B]);
				using watched = follow(source, 0);
				await clock.until("it is told", () => watched.observed.list === `${A} ${B}`);
				await source.fail?.();
				const before = source.requests?.() ?? 0;
				await clock.advance(120_000);
				const asked = (source.requests?.() ?? 0) - before;
				expect(asked).toBeGreaterThan(1);
				expect(asked).toBeLessThanOrEqual(120);
				expect(watched.observed.lists).toEqual([`${A} ${B}`]);
			});
		}

		if (can("change", "requests")) {
			it("asks again when refreshed, but not for each time that it is", async () => {
				using clock = heldClock();
				await using source = await start("default");
				await source.set(0, [A]);
				using watched = follow(source, 0);
				await clock.until("it is told", () => watched.observed.list === A);
				if (!source.provider.refresh) return;
				await source.set(0, [B]);
				const before = source.requests?.() ?? 0;
				for (let i = 0; i < 350; i++) {
					source.provider.refresh(watched.observed.target);
					await clock.advance(100);
				}
				expect(watched.observed.list).toBe(B);
				expect((source.requests?.() ?? 0) - before).toBeLessThanOrEqual(40);
			});
		}
	});
}

/** What the target has at the start: a static one names its endpoint itself. */
function only(source: AdaptedSource, n: number, ...addresses: readonly string[]): string {
	const target = source.target(n);
	return target.startsWith("static://") ? target.slice("static://".length) : addresses.join(" ");
}
