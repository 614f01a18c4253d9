import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { settled as settledIn } from "../../src/catalog/settled.js";
import { A, B, C, type CatalogLab, useCatalogLab } from "./catalog-lab.js";
import { at, definitions, service } from "./fake-provider.js";

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});

it("starts nothing any more once it is stopped", () => {
	lab.apply(service("web", [A]));
	lab.catalog.stop();
	lab.catalog.rewatch(new Set(["fake"]));
	expect([lab.provider.started(A), lab.provider.running(A), lab.catalog.approve("web")]).toEqual([1, 0, undefined]);
});

describe("a service of one target", () => {
	it("is unknown until the first answer, then synced", () => {
		lab.apply(service("web", [A]));
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")).toMatchObject({ known: false, targets: [{ target: A, state: "connecting" }] });
		lab.provider.answer(A, 2, 1);
		expect(lab.seen()).toBe("synced 1 2");
		expect(lab.catalog.get("web")).toMatchObject({ known: true, targets: [{ state: "synced", changes: 1 }] });
	});

	it("stays unknown when its source fails before the first answer", () => {
		lab.apply(service("web", [A]));
		lab.provider.fail(A, "refused");
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")?.targets).toMatchObject([{ state: "failed", lastError: { message: "refused" } }]);
	});

	it("keeps its endpoints while the source fails, and takes new ones when it is back", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.provider.fail(A);
		expect(lab.seen()).toBe("stale 1");
		lab.provider.answer(A, 2);
		expect(lab.seen()).toBe("synced 2");
	});

	it("becomes empty by an authoritative empty answer, also as the first one", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A);
		expect(lab.seen()).toBe("synced");
		expect(lab.catalog.get("web")?.known).toBe(true);
		lab.provider.answer(A, 1);
		lab.provider.answer(A);
		expect(lab.seen()).toBe("synced");
	});

	it("keeps the same array while its endpoints are the same", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1, 2);
		lab.catalog.flush();
		const { endpoints } = lab.catalog.get("web") ?? {};
		lab.provider.fail(A);
		lab.catalog.flush();
		lab.provider.answer(A, 2, 1);
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.endpoints).toBe(endpoints);
	});

	it("is failed by a provider that throws, and the others go on", () => {
		lab.provider.throwing = new Error("broken");
		lab.apply(service("web", [A]), service("api", [B]));
		expect(lab.catalog.get("web")?.targets).toMatchObject([{ state: "failed", lastError: { message: "broken" } }]);
		lab.provider.answer(B, 1);
		expect(lab.seen("api")).toBe("synced 1");
	});

	it("is failed by a scheme that nobody serves", () => {
		lab.apply(service("web", ["nope:///x"]));
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")?.targets[0]?.lastError?.message).toContain(
			'no provider for the scheme "nope"; known schemes: ',
		);
	});
});

describe("a service of several targets", () => {
	it("is known when all were heard of: half of it would take the other half from clients that have both", () => {
		lab.apply(service("web", [A, B]));
		lab.provider.answer(B, 2);
		expect(lab.seen()).toBe("unknown");
		expect(lab.catalog.get("web")?.targets.map(({ state }) => state)).toEqual(["connecting", "synced"]);
		lab.provider.fail(A);
		expect(lab.seen()).toBe("stale 2");
		lab.provider.answer(A, 1);
		expect(lab.seen()).toBe("synced 1 2");
		lab.provider.fail(B);
		expect(lab.seen()).toBe("stale 1 2");
		lab.provider.answer(A, 3);
		expect(lab.seen()).toBe("stale 2 3");
	});

	it("is known by what there is at the deadline, and stays so", () => {
		lab.apply(service("web", [A, B]));
		lab.provider.answer(B, 2);
		vi.advanceTimersByTime(10_000);
		expect(lab.seen()).toBe("stale 2");
		expect(lab.catalog.get("web")).toMatchObject({ known: true, overdue: false });
		lab.provider.answer(B, 3);
		expect(lab.seen()).toBe("stale 3");
		lab.apply(service("web", [A, B, C]));
		expect(lab.seen()).toBe("stale 3");
	});

	it("is known by the first answer after the deadline", () => {
		lab.apply(service("web", [A, B]));
		vi.advanceTimersByTime(10_000);
		expect(lab.seen()).toBe("unknown");
		lab.provider.answer(B, 2);
		expect(lab.seen()).toBe("stale 2");
	});

	it("uses them in the order of their priorities, without gaps while one has nothing", () => {
		lab.apply(service("web", [`${A} 1`, B]));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 2);
		expect(lab.priorities()).toEqual({ "10.0.0.2": 0, "10.0.0.1": 1 });
		lab.provider.answer(B);
		expect(lab.priorities()).toEqual({ "10.0.0.1": 0 });
		expect(lab.catalog.get("web")?.repairs).toEqual([]);
	});

	it("uses them beside endpoints that are written out, which are of the first priority", () => {
		lab.apply(service("web", [A, `${B} 1`], { endpoints: [at(3)] }));
		lab.provider.answer(A, 1);
		lab.provider.answer(B, 2);
		expect(lab.priorities()).toEqual({ "10.0.0.1": 0, "10.0.0.3": 0, "10.0.0.2": 1 });
		expect(lab.catalog.get("web")?.repairs).toEqual([]);
		expect(lab.catalog.targetsOf("web").map(({ target, state, changes }) => [target, state, changes])).toEqual([
			["inline", "synced", 1],
			[A, "synced", 1],
			[B, "synced", 1],
		]);
		expect(lab.catalog.targetsOf("nothing")).toEqual([]);
	});

	it("says of one that has nothing that it has no endpoint, unless that says something itself", () => {
		lab.apply(service("web", [A, B]));
		lab.provider.answer(A);
		lab.provider.answer(B, 1);
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.notes).toEqual([`${A} has no endpoint`]);
		lab.provider.watches
			.get(A)
			?.at(-1)
			?.observer.endpoints([], { notes: ["misspelt"] });
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.notes).toEqual(["misspelt"]);
	});

	it("says which endpoints name no zone where others are in several, until all name one", () => {
		const zoned = (n: number, zone: string) => at(n, { locality: { region: "eu", zone, subZone: "" } });
		lab.apply(service("web", [A]));
		lab.provider.answer(A, zoned(1, "a"), zoned(2, "b"), at(3));
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.notes).toEqual([expect.stringMatching(/^1 of 3 ready endpoints name no zone/)]);
		lab.provider.answer(A, zoned(1, "a"), zoned(2, "b"), zoned(3, "b"));
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.notes).toEqual([]);
	});

	it("reports a gap in the targets' priorities", () => {
		lab.apply(service("web", [A, `${B} 2`]));
		const repairs = ["no target of priority 1: the lower priorities move up"];
		expect(lab.catalog.get("web")).toMatchObject({ repairs, notes: repairs });
	});

	it("has the notes of its targets, after what was mended; they are no repairs", () => {
		lab.apply(service("web", [A]));
		const [watch] = lab.provider.watches.get(A) ?? [];
		watch?.observer.endpoints([at(1), at(1), at(2, { port: 0 })], { notes: ["two of three racks"] });
		lab.catalog.flush();
		const repairs = [`duplicate endpoint 10.0.0.1:80 in ${A} left out`];
		const notes = [...repairs, "two of three racks", expect.stringContaining("10.0.0.2:0 left out")];
		expect(lab.catalog.get("web")).toMatchObject({ repairs, notes });
	});

	it("may have the same target twice, and frees both watches", () => {
		lab.apply(service("web", [A, `${A} 1`]));
		expect(lab.provider.running(A)).toBe(2);
		for (const { observer } of lab.provider.watches.get(A) ?? []) observer.endpoints([at(1)]);
		expect(lab.seen()).toBe("synced 1");
		expect(lab.catalog.get("web")?.repairs).toEqual([`duplicate endpoint 10.0.0.1:80 in ${A} left out`]);
		lab.apply(service("web", [A, `${A} 2`]));
		expect([lab.provider.started(A), lab.provider.running(A)]).toEqual([2, 2]);
		lab.apply(service("web", [A]));
		expect([lab.provider.started(A), lab.provider.running(A)]).toEqual([2, 1]);
		lab.apply(service("web", [B]));
		expect(lab.provider.running(A)).toBe(0);
	});
});

describe("a target that has yet to give a whole answer", () => {
	it("has to do where there is no other, as the rest has failed", () => {
		lab.apply(service("web", [A]));
		lab.provider.answerInPart(A, 1);
		expect(lab.seen()).toBe("synced 1");
		lab.provider.answer(A, 1, 3);
		expect(lab.seen()).toBe("synced 1 3");
		lab.provider.answerInPart(A, 1);
		expect(lab.seen()).toBe("synced 1");
	});

	it("leaves what it replaces in place", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1);
		lab.apply(service("web", [B]));
		lab.provider.answerInPart(B, 2);
		expect(lab.seen()).toBe("synced 1 2");
		lab.provider.answer(B, 2, 3);
		expect(lab.seen()).toBe("synced 2 3");
	});
});

describe("the sync deadline", () => {
	it("makes an unknown service overdue, exactly then, and says so once", () => {
		lab.apply(service("web", [A]));
		lab.turns.length = 0;
		vi.advanceTimersByTime(9_999);
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.overdue).toBe(false);
		vi.advanceTimersByTime(1);
		lab.catalog.flush();
		expect(lab.catalog.get("web")).toMatchObject({ overdue: true, state: "unknown" });
		vi.advanceTimersByTime(60_000);
		expect(lab.turns).toHaveLength(1);
	});

	it("does not concern a service that is known", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A);
		lab.catalog.flush();
		lab.turns.length = 0;
		vi.advanceTimersByTime(60_000);
		expect(lab.turns).toEqual([]);
	});
});

describe("the listeners", () => {
	it("get the newest state once a turn, with the time of the first change", () => {
		const times: number[] = [];
		lab.catalog.onChange((_, when) => void times.push(when));
		const started = performance.now();
		lab.catalog.apply(definitions(service("web", [A]), service("api", [B])));
		lab.provider.answer(A, 1);
		lab.provider.answer(A, 2);
		lab.provider.fail(A);
		expect(lab.turns).toEqual([]);
		vi.runAllTicks();
		vi.advanceTimersToNextTimer();
		expect(lab.turns).toHaveLength(1);
		expect(lab.turns[0]?.map(({ name, current }) => [name, current?.state])).toEqual([
			["web", "stale"],
			["api", "unknown"],
		]);
		expect(lab.turns[0]?.[0]?.current?.endpoints.map((e) => e.address)).toEqual(["10.0.0.2"]);
		expect(times).toEqual([started]);
	});

	it("are not told of an answer that changes nothing", () => {
		lab.apply(service("web", [A]));
		lab.provider.answer(A, 1, 2);
		lab.catalog.flush();
		lab.turns.length = 0;
		lab.provider.answer(A, 2, 1);
		lab.catalog.flush();
		expect(lab.turns).toEqual([]);
	});

	it("are told no more after they left", () => {
		const calls: string[] = [];
		const off = lab.catalog.onChange((changes) => void calls.push(...changes.map(({ name }) => name)));
		lab.apply(service("web", [A]));
		off();
		lab.provider.answer(A, 1);
		lab.catalog.flush();
		expect(calls).toEqual(["web"]);
	});
});

describe("settled()", () => {
	it("resolves when the last service is known", async () => {
		lab.apply(service("web", [A]), service("api", [B]));
		let done = false;
		const settled = settledIn(lab.catalog, 1_000).then(() => {
			done = true;
		});
		lab.provider.answer(A, 1);
		lab.catalog.flush();
		// Whatever was resolved by now has had its turn.
		await vi.advanceTimersByTimeAsync(0);
		expect(done).toBe(false);
		lab.provider.answer(B);
		lab.catalog.flush();
		await settled;
		expect(performance.now()).toBeLessThan(1_000);
	});

	it("resolves at its limit, at its signal, and at once where nothing is unknown", async () => {
		await settledIn(lab.catalog, 1_000);
		lab.apply(service("web", [A]));
		const limited = settledIn(lab.catalog, 1_000);
		vi.advanceTimersByTime(1_000);
		await limited;
		const abort = new AbortController();
		const aborted = settledIn(lab.catalog, 1_000, abort.signal);
		abort.abort();
		await aborted;
		await settledIn(lab.catalog, 1_000, abort.signal);
	});

	it("leaves nothing at its signal once it has resolved", async () => {
		lab.apply(service("web", [A]));
		const { signal } = new AbortController();
		const settled = settledIn(lab.catalog, 1_000, signal);
		expect(getEventListeners(signal, "abort")).toHaveLength(1);
		lab.provider.answer(A, 1);
		lab.catalog.flush();
		await settled;
		expect(getEventListeners(signal, "abort")).toEqual([]);
	});
});

describe("stop()", () => {
	it("ends all watches and timers, and nothing is told any more", () => {
		lab.apply(service("web", [A]), service("api", [B]), service("old", [C]));
		lab.apply(service("web", [A]), service("api", [B]));
		lab.provider.answer(A, 1);
		lab.turns.length = 0;
		lab.catalog.stop();
		expect(vi.getTimerCount()).toBe(0);
		expect([A, B, C].map((text) => lab.provider.running(text))).toEqual([0, 0, 0]);
		lab.provider.answer(B, 1);
		vi.runAllTimers();
		expect(lab.turns).toEqual([]);
	});
});
