import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addressOf, type Endpoint } from "../../../src/model/endpoint.js";
import { parseTarget, type Target } from "../../../src/model/target.js";
import {
	type LookUpOptions,
	type PollAnswer,
	type PollOptions,
	poll,
} from "../../../src/providers/poll/polled-provider.js";
import type { AnswerDetails, Provider, TargetObserver } from "../../../src/providers/provider.js";
import { Registry } from "../../../src/providers/registry.js";
import { ServiceNotFound } from "../../../src/util/errors.js";
import { at } from "../../catalog/fake-provider.js";

const A = parseTarget("fake:///a");

type Answer = readonly Endpoint[] | PollAnswer | Error | "never";

/** A source that counts who asks when. */
class FakeSource {
	readonly asked: number[] = [];
	readonly previous: (PollAnswer | undefined)[] = [];
	readonly signals: AbortSignal[] = [];
	answer: Answer = [at(1)];
	readonly #begun = performance.now();

	readonly lookUp = async (_: Target, { signal, previous }: LookUpOptions) => {
		this.asked.push(Math.round(performance.now() - this.#begun) / 1_000);
		this.previous.push(previous);
		this.signals.push(signal);
		const { answer } = this;
		if (answer === "never") return new Promise<never>(() => {});
		if (answer instanceof Error) throw answer;
		return answer;
	};
}

/** What it was told: `1 2` of 10.0.0.N:80 the N, `!message`. */
class Told implements TargetObserver {
	readonly all: string[] = [];
	readonly lists: (readonly Endpoint[])[] = [];
	details: AnswerDetails | undefined;

	endpoints(list: readonly Endpoint[], details?: AnswerDetails): void {
		this.lists.push(list);
		this.details = details;
		this.all.push(list.map((e) => addressOf(e).replace(/^10\.0\.0\.(\d+):80$/, "$1")).join(" "));
	}

	failed({ message }: Error): void {
		this.all.push(`!${message}`);
	}
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

let source: FakeSource;
let end: AbortController;

beforeEach(() => {
	vi.useFakeTimers();
	vi.spyOn(Math, "random").mockReturnValue(1);
	source = new FakeSource();
	end = new AbortController();
});

afterEach(async () => {
	end.abort();
	await pass(0);
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
	vi.restoreAllMocks();
});

function watched(options: PollOptions = {}): { readonly provider: Provider; readonly told: Told } {
	const provider = poll(source.lookUp, options);
	return { provider, told: watching(provider) };
}

function watching(provider: Provider, signal = end.signal): Told {
	const told = new Told();
	provider.watch(A, told, { signal });
	return told;
}

describe("a provider made of a look-up", () => {
	it("asks again after the interval, and tells the full list each time", async () => {
		const { told } = watched({ interval: 5_000 });
		await pass(0);
		source.answer = [at(1), at(2)];
		await pass(10);
		expect(source.asked).toEqual([0, 5, 10]);
		expect(told.all).toEqual(["1", "1 2", "1 2"]);
	});

	it("asks again every 30 s unless told otherwise", async () => {
		watched();
		await pass(60);
		expect(source.asked).toEqual([0, 30, 60]);
	});

	it.each([
		["when the answer is as old as it may become", 2_000, [0, 2, 4, 6]],
		["no sooner than the minimum interval", 0, [0, 1, 2, 3]],
		["no later than the maximum interval", 3_600_000, [0, 20, 40]],
	])("asks again %s", async (_, maxAge, times) => {
		source.answer = { endpoints: [at(1)], maxAge };
		watched({ interval: 5_000, minInterval: 1_000, maxInterval: 20_000 });
		await pass(times.at(-1) as number);
		expect(source.asked).toEqual(times);
	});

	it("asks again at once where the source answers only when something changes, but no faster than the minimum", async () => {
		watched({ interval: 0, minInterval: 1_000 });
		await pass(3);
		expect(source.asked).toEqual([0, 1, 2, 3]);
	});

	it("keeps the last endpoints while the source fails, tells why, and backs off", async () => {
		const { told } = watched({ interval: 5_000, backoff: { base: 100, factor: 3, max: 1_000 } });
		await pass(0);
		source.answer = new TypeError("fetch failed");
		await pass(5);
		expect(told.all).toEqual(["1", '!"fake:///a": fetch failed']);
		await pass(4);
		expect(source.asked).toEqual([0, 5, 5.1, 5.4, 6.3, 7.3, 8.3]);
		source.answer = [];
		await pass(1);
		expect(told.all.at(-1)).toBe("");
		expect(told.all.filter((each) => each === "")).toHaveLength(1);
	});

	it("takes it for an answer that there is no such service, for one who waits for it", async () => {
		source.answer = new ServiceNotFound("no service a");
		const { provider, told } = watched({ interval: 5_000 });
		await pass(0);
		expect([told.all, told.details]).toEqual([[""], { notes: ["no service a"] }]);
		await expect(provider.discover(A, { signal: end.signal })).rejects.toBe(source.answer);
		source.answer = [at(1)];
		await pass(5);
		expect(told.all).toEqual(["", "1"]);
	});

	it("hands on what else the source says, and gives the look-up the answer before", async () => {
		const changedAt = new Date(0);
		source.answer = { endpoints: [at(1)], changedAt, notes: ["two of three"], partial: true, maxAge: 1_000 };
		const { told } = watched({ interval: 5_000 });
		await pass(1);
		expect(told.details).toEqual({ changedAt, notes: ["two of three"], partial: true });
		expect(source.previous).toEqual([undefined, source.answer]);
	});

	it("tells equal answers by the very same list, which is no change for those who watch", async () => {
		const provider = poll(async () => [at(1)], { interval: 1_000 });
		const told = watching(provider);
		await pass(2);
		expect(told.lists).toHaveLength(3);
		expect(new Set(told.lists).size).toBe(1);
		const types: string[] = [];
		const read = async () => {
			const registry = new Registry().register("fake", provider);
			for await (const { type } of registry.watch(A, { signal: end.signal })) types.push(type);
		};
		const reading = read();
		await pass(3);
		end.abort();
		await reading;
		expect(types).toEqual(["add"]);
	});

	it("is refreshed at once, but not more often than the minimum interval", async () => {
		const { provider } = watched({ interval: 60_000, minInterval: 10_000 });
		await pass(20);
		provider.refresh?.(A);
		provider.refresh?.(A);
		await pass(0);
		expect(source.asked).toEqual([0, 20]);
		await pass(1);
		provider.refresh?.(A);
		await pass(8);
		expect(source.asked).toEqual([0, 20]);
		await pass(1);
		expect(source.asked).toEqual([0, 20, 30]);
		provider.refresh?.(parseTarget("fake:///b"));
		await pass(59);
		expect(source.asked).toHaveLength(3);
	});

	it("remembers a refresh that is requested while it asks", async () => {
		let answer = (_: readonly Endpoint[]) => {};
		const asked: number[] = [];
		const begun = performance.now();
		const provider = poll(
			() => {
				asked.push((performance.now() - begun) / 1_000);
				return new Promise((resolve) => {
					answer = resolve;
				});
			},
			{ interval: 60_000, minInterval: 5_000 },
		);
		watching(provider);
		await pass(2);
		provider.refresh?.(A);
		answer([at(1)]);
		await pass(2);
		expect(asked).toEqual([0]);
		await pass(1);
		expect(asked).toEqual([0, 5]);
		answer([at(1)]);
		await pass(59);
		expect(asked).toHaveLength(2);
	});

	it("gives a look-up up after the time-out, also one that does not listen to its signal", async () => {
		source.answer = "never";
		const { told } = watched({ timeout: 2_000, backoff: { base: 1_000 } });
		await pass(2);
		expect(told.all).toEqual(['!"fake:///a": no answer within 2s']);
		expect(source.signals[0]?.aborted).toBe(true);
		await pass(1);
		expect(source.asked).toEqual([0, 3]);
	});

	it("shares the look-ups of one target, and tells who comes later what is known", async () => {
		const { provider, told } = watched({ interval: 5_000 });
		await pass(5);
		source.answer = new Error("down");
		await pass(5);
		const late = watching(provider);
		expect(late.all).toEqual(["1", '!"fake:///a": down']);
		await pass(0);
		expect([source.asked.length, told.all.length]).toEqual([3, 3]);
	});

	it("frees everything when its last watch ends, a look-up that runs too", async () => {
		const { provider, told } = watched({ interval: 5_000 });
		await pass(0);
		const other = new AbortController();
		watching(provider, other.signal);
		end.abort();
		source.answer = "never";
		await pass(5);
		expect([source.asked, told.all]).toEqual([[0, 5], ["1"]]);
		other.abort();
		await pass(0);
		expect([vi.getTimerCount(), source.signals[1]?.aborted]).toEqual([0, true]);
		await pass(600);
		expect(source.asked).toHaveLength(2);
		watching(provider, AbortSignal.abort());
		expect(source.asked).toHaveLength(2);
	});

	it("asks anew for who comes after the last has gone", async () => {
		const { provider } = watched({ interval: 5_000 });
		await pass(0);
		end.abort();
		end = new AbortController();
		source.answer = [at(2)];
		const told = watching(provider);
		await pass(0);
		expect(told.all).toEqual(["2"]);
	});

	it("checks targets where it is told how", () => {
		const registry = new Registry().register("fake", poll(source.lookUp, { check: () => "not like that" }));
		expect(() => registry.parse("fake:///a")).toThrow('"fake:///a": not like that');
		expect(() => new Registry().register("fake", poll(source.lookUp)).parse("fake:///a")).not.toThrow();
	});
});
