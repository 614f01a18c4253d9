import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServiceChange } from "../../../src/catalog/catalog.js";
import { History, type HistoryOptions, sourceTime } from "../../../src/catalog/history/history.js";
import type { ServiceState } from "../../../src/catalog/service-state.js";
import type { Endpoint } from "../../../src/model/endpoint.js";
import { atOnce } from "../../../src/util/steps.js";
import { service } from "../fake-provider.js";
import { endpoints, numbered } from "./changes-of.js";

const DEFINITION = service("web", []);

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["Date"], now: 1_000 });
});
afterEach(() => {
	vi.useRealTimers();
});

function stateOf(list: readonly Endpoint[], more: Partial<ServiceState> = {}): ServiceState {
	const parts = { name: "web", definition: DEFINITION, known: true, endpoints: list, targets: [], notes: [] };
	return { ...parts, ...more } as unknown as ServiceState;
}

/** A history without work to do, unless options say so. */
function historyOf(options: Partial<HistoryOptions> = {}): History {
	return new History({ versionOf: () => "v", encode: () => "encoded", ...options });
}

const become = (previous?: ServiceState, current?: ServiceState, name = "web"): ServiceChange =>
	({ name, previous, current }) as ServiceChange;

function record(history: History, ...changes: readonly ServiceChange[]): void {
	atOnce(history.record(changes));
}

async function finishWork(history: History): Promise<void> {
	while (history.isWorking) await turn();
}

const target = (name: string) => ({ origin: { target: name } });

describe("what is recorded of a change", () => {
	it("is what was added, removed and changed, with how that was before, from where, and when", () => {
		const history = historyOf();
		const [kept, gone, before] = [numbered(1), numbered(2, target("b")), numbered(3, target("a"))];
		const [after, fresh] = [{ ...before, weight: 7 }, numbered(4, target("a"))];
		record(history, become(stateOf([kept, gone, before]), stateOf([kept, after, fresh])));
		expect(history.last("web")).toEqual({
			...{ at: 1_000, version: "v", target: "a, b", sourceAt: undefined },
			...{ added: [fresh], removed: [gone], changed: [after], changedFrom: [before] },
		});
		expect([...history.changesOf("web")]).toEqual([history.last("web")]);
	});

	it("is from no target where the endpoints have no origin", () => {
		const history = historyOf();
		record(history, become(undefined, stateOf([numbered(1), numbered(2, target("a"))])));
		expect(history.last("web")?.target).toBe("a");
		record(history, become(stateOf([]), stateOf([numbered(1)])));
		expect(history.last("web")?.target).toBe("");
	});

	it("is nothing of a service that is not known, and all of it once it is", () => {
		const history = historyOf();
		const [unknown, known] = [stateOf([], { known: false }), stateOf([])];
		record(history, become(undefined, unknown));
		expect([history.last("web"), [...history.changesOf("web")], history.bytes]).toEqual([undefined, [], 0]);
		record(history, become(unknown, known));
		expect(history.last("web")).toMatchObject({ added: [], removed: [], target: "" });
		record(history, become(known, stateOf([])));
		expect([...history.changesOf("web")]).toHaveLength(1);
		record(history, become(known, stateOf(known.endpoints)));
		expect([...history.changesOf("web")]).toHaveLength(1);
	});

	it("is that all went where the service did, in no version", () => {
		const versionOf = vi.fn(() => "v");
		const history = historyOf({ versionOf });
		const state = stateOf(endpoints(2));
		record(history, become(state, undefined));
		expect(history.last("web")).toMatchObject({ version: "", removed: state.endpoints, added: [] });
		record(history, become(stateOf([]), undefined));
		expect([...history.changesOf("web")]).toHaveLength(2);
		expect([versionOf.mock.calls, history.isWorking]).toEqual([[], false]);
	});

	it("has the time of the source, unless it was there before it was known", () => {
		const history = historyOf();
		const status = (at: number | undefined, target = "a") => ({ target, ...(at && { changedAt: new Date(at) }) });
		const at = (list: readonly Endpoint[], ...targets: readonly object[]) =>
			stateOf(list, { targets: targets as never });
		record(history, become(undefined, at(endpoints(1), status(500))));
		expect(history.last("web")?.sourceAt).toBeUndefined();
		record(history, become(stateOf([], { known: false }), at(endpoints(1), status(500))));
		expect(history.last("web")?.sourceAt).toBeUndefined();
		const change = become(at([], status(100), status(900, "b")), at(endpoints(1), status(500), status(900, "b")));
		record(history, change);
		expect([history.last("web")?.sourceAt, sourceTime(change)]).toEqual([500, 500]);
		const newest = (...after: readonly object[]) => sourceTime(become(at([], status(100)), at([], ...after)));
		expect([newest(status(100)), newest(status(undefined)), newest(), newest(status(7), status(5, "b"))]).toEqual([
			...[undefined, undefined, undefined, 7],
		]);
		expect(newest(status(5, "b"), status(7))).toBe(7);
		expect(sourceTime(become(undefined, at([], status(3))))).toBe(3);
		expect(sourceTime(become(at([], status(3)), undefined))).toBeUndefined();
	});
});

describe("when a service changed last", () => {
	const list = endpoints(1);
	const changed = (definition: object, known = true, next = list) => {
		const history = historyOf();
		record(history, become(undefined, stateOf(list)));
		vi.setSystemTime(2_000);
		const current = stateOf(next, { known, definition: { ...DEFINITION, ...definition } as never });
		record(history, become(stateOf(list), current));
		return history.changedAt("web");
	};

	it.each([
		["its endpoints", {}, true, endpoints(2), 2_000],
		["its protocol", { protocol: "grpc" }, true, list, 2_000],
		["its connect timeout", { connectTimeout: 77 }, true, list, 2_000],
		["that it is known", {}, false, list, 2_000],
		["its notes alone", { origin: { line: 7 } }, true, list, 1_000],
	])("is when clients get something else, as by %s", (_, definition, known, next, at) => {
		expect(changed(definition, known, next)).toBe(at);
	});

	it("is not known before, nor when it is gone", () => {
		const history = historyOf();
		expect(history.changedAt("web")).toBeUndefined();
		record(history, become(undefined, stateOf(list)));
		expect(history.changedAt("web")).toBe(1_000);
		record(history, become(stateOf(list), undefined));
		expect(history.changedAt("web")).toBeUndefined();
	});
});

describe("the version of a state that no client uses", () => {
	it("is learned of 1,000 changes that wait, the newest ones", async () => {
		const encoded: string[] = [];
		const encode = ({ name }: ServiceState) => {
			encoded.push(name);
			return `of ${name}`;
		};
		const history = historyOf({ versionOf: () => undefined, encode });
		const list = endpoints(1);
		const names = Array.from({ length: 1_001 }, (_, i) => `s${i}`);
		record(history, ...names.map((name) => become(undefined, stateOf(list, { name }), name)));
		expect([history.isWorking, history.last("s1")?.version]).toEqual([true, ""]);
		await finishWork(history);
		expect(encoded).toEqual(names.slice(1));
		expect(["s0", "s1", "s1000"].map((name) => history.last(name)?.version)).toEqual(["", "of s1", "of s1000"]);
	});

	it("is not learned where it has more than 5,000 endpoints", async () => {
		const history = historyOf({ versionOf: () => undefined });
		record(history, become(undefined, stateOf(endpoints(5_001)), "more"));
		expect(history.isWorking).toBe(false);
		record(history, become(undefined, stateOf(endpoints(5_000)), "most"));
		await finishWork(history);
		expect([history.last("more")?.version, history.last("most")?.version]).toEqual(["", "encoded"]);
	});

	it("is not looked for where it is known, though it be empty", async () => {
		const encode = vi.fn(() => "encoded");
		const history = historyOf({ versionOf: () => "", encode });
		record(history, become(undefined, stateOf(endpoints(1))));
		expect([history.isWorking, history.last("web")?.version, encode.mock.calls]).toEqual([false, "", []]);
	});

	it("is not learned any more once it was stopped", async () => {
		const encode = vi.fn(() => "encoded");
		const history = historyOf({ versionOf: () => undefined, encode });
		for (const name of ["a", "b", "c"]) record(history, become(undefined, stateOf(endpoints(1)), name));
		history.stop();
		await finishWork(history);
		expect(encode.mock.calls.length).toBeLessThanOrEqual(1);
		expect(history.last("c")?.version).toBe("");
	});
});

it("4,096 changes of a service are kept, and then whole packs of them are forgotten", async () => {
	const history = historyOf();
	const changes = (count: number) =>
		Array.from({ length: count }, (_, i) => become(stateOf([]), stateOf([numbered(i)])));
	record(history, ...changes(16));
	await finishWork(history);
	record(history, ...changes(4_080));
	expect([...history.changesOf("web")]).toHaveLength(4_096);
	record(history, ...changes(1));
	expect([...history.changesOf("web")]).toHaveLength(4_097 - 15);
});

describe("the memory of all services", () => {
	/** Changes of which each counts as 258 bytes. */
	const change = (n: number, name = "web") => become(stateOf([]), stateOf(endpoints(1, n)), name);
	const count = (history: History, name = "web") => [...history.changesOf(name)].length;

	it("counts each service, and each of its changes", () => {
		const history = historyOf();
		record(history, change(1));
		expect(history.bytes).toBe(500 + 258);
		record(history, change(2), change(1, "cart"));
		expect(history.bytes).toBe(2 * 500 + 3 * 258);
	});

	it("is counted anew when changes are packed, of each service", async () => {
		const history = historyOf();
		for (let i = 0; i < 16; i++) record(history, change(i), change(i, "cart"));
		expect(history.isWorking).toBe(true);
		await finishWork(history);
		expect(history.bytes).toBeLessThan(2 * (500 + 16 * 258));
		expect(history.bytes).toBeGreaterThan(2 * (500 + 258));
		expect([count(history), count(history, "cart")]).toEqual([16, 16]);
		expect(history.isWorking).toBe(false);
	});

	it("is freed to 95 % where it is more than it may be, and not before", () => {
		const maxBytes = 500 + 10 * 258;
		const history = historyOf({ maxBytes });
		for (let i = 0; i < 10; i++) record(history, change(i));
		expect([count(history), history.bytes]).toEqual([10, maxBytes]);
		record(history, change(10));
		expect([count(history), history.last("web")?.added]).toEqual([9, endpoints(1, 10)]);
		expect(history.bytes).toBe(500 + 9 * 258);
	});

	it("is 64 MiB at most, unless given", () => {
		const history = historyOf();
		const many = (count: number) => Array.from({ length: count }, () => numbered(1));
		const diff = { added: many(33), removed: many(167_769), changed: [], changedFrom: [] };
		record(history, { ...become(stateOf([]), stateOf(many(1))), diff }, become(stateOf([]), undefined));
		expect([history.bytes, count(history)]).toEqual([64 * 1024 * 1024, 2]);
		record(history, change(1));
		expect([history.bytes, count(history)]).toEqual([500 + 250 + 258, 2]);
	});

	it("is taken from those that have most, and from those that have half of that", () => {
		const maxBytes = 3 * 500 + 18 * 258;
		const history = historyOf({ maxBytes });
		for (let i = 0; i < 10; i++) record(history, change(i));
		for (let i = 0; i < 6; i++) record(history, change(i, "cart"));
		for (let i = 0; i < 2; i++) record(history, change(i, "small"));
		const counts = () => ["web", "cart", "small"].map((name) => count(history, name));
		expect(counts()).toEqual([10, 6, 2]);
		record(history, change(10));
		expect(counts()).toEqual([9, 5, 2]);
		record(history, change(2, "small"), change(3, "small"), change(4, "small"));
		expect(counts()).toEqual([8, 4, 4]);
		expect(history.bytes).toBe(3 * 500 + 16 * 258);
	});

	it("has no service any more of which all is forgotten", () => {
		const history = historyOf({ maxBytes: 300 });
		record(history, change(1));
		expect([history.bytes, count(history), history.last("web")]).toEqual([0, 0, undefined]);
	});
});

describe("the endpoints of a service at an earlier time", () => {
	it("are what they are now, with each later change undone", () => {
		const history = historyOf();
		const [a, b, c] = [numbered(1), numbered(2), numbered(3)];
		const states = [[], [a, c], [a, { ...b, weight: 3 }], [b]].map((list) => stateOf(list));
		for (const [i, current] of states.entries()) {
			vi.setSystemTime(1_000 * (i + 1));
			record(history, become(states[i - 1], current));
		}
		const asOf = (at: number) => history.endpointsBefore("web", [b], (each) => each.at > at);
		expect([asOf(4_000), asOf(3_000), asOf(2_000), asOf(1_000), asOf(999)]).toEqual([
			[b],
			[a, { ...b, weight: 3 }],
			[a, c],
			[],
			undefined,
		]);
		expect(history.endpointsBefore("other", [], () => false)).toBeUndefined();
	});
});
