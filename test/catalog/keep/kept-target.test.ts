import { beforeEach, describe, expect, it, vi } from "vitest";
import { A, B, type CatalogLab, useCatalogLab } from "../catalog-lab.js";
import { at, service } from "../fake-provider.js";

const TIMES = { removalGrace: 30_000, syncDeadline: 10_000 };

let lab: CatalogLab;
useCatalogLab((created) => {
	lab = created;
});
beforeEach(() => lab.catalog.setTimes({ ...TIMES, guard: {} }));

const status = (name = "web") => lab.catalog.targetsOf(name)[0];
const saved = (name = "web") => lab.catalog.saved(name)?.targets[0];

function begin(...numbers: readonly number[]): void {
	lab.apply(service("web", [A]));
	lab.provider.answer(A, ...numbers);
	lab.seen();
	vi.advanceTimersByTime(60_000);
}

describe("what is held of a target", () => {
	it("is held until a minute after the source has said it", () => {
		begin(1, 2, 3);
		lab.provider.answer(A);
		expect(status()?.held?.until?.getTime()).toBe(Date.now() + 60_000);
		vi.advanceTimersByTime(1_000);
		expect(status()?.held?.until?.getTime()).toBe(Date.now() + 59_000);
	});

	it("is asked for once more before each time that it would go", () => {
		const asked: number[] = [];
		lab.provider.refresh = () => void asked.push(Date.now());
		begin(1, 2, 3);
		for (const times of [1, 2]) {
			lab.provider.answer(A);
			vi.advanceTimersByTime(53_999);
			expect(asked).toHaveLength(times - 1);
			vi.advanceTimersByTime(1);
			expect(asked).toHaveLength(times);
			vi.advanceTimersByTime(6_000);
			expect(lab.seen()).toBe("synced");
			lab.provider.answer(A, 1, 2, 3);
			vi.advanceTimersByTime(60_000);
		}
	});

	it("is held for a minute more where more goes", () => {
		lab.catalog.setTimes({ ...TIMES, guard: { maxRemovalPercent: 50, minEndpoints: 1 } });
		begin(1, 2, 3, 4);
		lab.provider.answer(A, 1);
		vi.advanceTimersByTime(30_000);
		lab.provider.answer(A);
		expect(status()?.held?.until?.getTime()).toBe(Date.now() + 60_000);
		vi.advanceTimersByTime(59_999);
		expect(lab.seen()).toBe("synced 1 2 3 4");
		vi.advanceTimersByTime(1);
		expect(lab.seen()).toBe("synced");
	});

	it("is saved with it, and what the source said, and since when it fails", () => {
		begin(1, 2, 3);
		expect(saved()).not.toHaveProperty("hold");
		expect(saved()).not.toHaveProperty("staleSince");
		lab.provider.answer(A);
		lab.provider.fail(A);
		expect(saved()).toMatchObject({ target: A, endpoints: [], whole: true, staleSince: new Date() });
		expect(saved()?.hold?.endpoints).toHaveLength(3);
	});

	it("is saved of those targets alone that have answered", () => {
		lab.apply(service("web", [A, B]));
		lab.provider.answer(A, 1);
		lab.provider.fail(B);
		expect(lab.seen()).toBe("stale 1");
		expect(lab.catalog.saved("web")?.targets).toMatchObject([{ target: A }]);
	});

	it("is nothing of a source whose targets all change at once, and are not emptied", () => {
		const names = ["a", "b", "c", "d", "e"];
		lab.apply(...names.map((name) => service(name, [`fake:///${name}`])));
		for (const name of names) lab.provider.answer(`fake:///${name}`, 1, 2);
		lab.catalog.flush();
		for (const name of names) {
			lab.provider.answer(`fake:///${name}`, 2, 3);
			expect([status(name)?.held, lab.seen(name)]).toEqual([undefined, "synced 2 3"]);
		}
		for (const name of names) lab.provider.answer(`fake:///${name}`);
		expect(names.map((name) => lab.seen(name))).toEqual(names.map(() => "synced 2 3"));
		expect(names.map((name) => status(name)?.held?.why)).toEqual(names.map(() => expect.any(String)));
	});

	it("is a host name, too, which is followed still", () => {
		lab.provider.registry.register("dns", lab.provider);
		const hosts = ["a.internal", "b.internal", "c.internal"];
		lab.apply(service("web", [A]));
		lab.provider.answer(A, ...hosts.map((address, i) => at(i, { address })));
		expect(lab.seen()).toBe("unknown");
		for (const [i, host] of hosts.entries()) lab.provider.answer(`dns:///${host}:80`, i + 1);
		expect(lab.seen()).toBe("synced 1 2 3");
		vi.advanceTimersByTime(60_000);
		lab.provider.answer(A);
		expect(lab.seen()).toBe("synced 1 2 3");
		lab.provider.answer("dns:///a.internal:80", 9);
		expect(lab.seen()).toBe("synced 2 3 9");
	});

	it("is what goes after a source is back with what it had before its endpoints were dropped", () => {
		lab.apply(service("web", [A], { onFailure: { keep: 10_000, after: "drop" } }));
		lab.provider.answer(A, 1, 2, 3);
		lab.provider.fail(A);
		vi.advanceTimersByTime(10_000);
		expect(lab.seen()).toBe("stale");
		lab.provider.answer(A, 1, 2, 3);
		expect(lab.seen()).toBe("synced 1 2 3");
		vi.advanceTimersByTime(60_000);
		lab.provider.answer(A);
		expect([lab.seen(), status()?.held?.endpoints.length]).toEqual(["synced 1 2 3", 3]);
	});

	it("is noted before what the source says", () => {
		begin(1, 2, 3);
		lab.provider.watches
			.get(A)
			?.at(-1)
			?.observer.endpoints([], { notes: ["empty"] });
		lab.catalog.flush();
		expect(lab.catalog.get("web")?.notes).toEqual([
			`3 of 3 endpoints of ${A} are held: the source says that there are none`,
			"empty",
		]);
	});

	it("goes when the guard is off for all, and what is said of a policy that is the same changes nothing", () => {
		begin(1, 2, 3);
		lab.provider.answer(A);
		expect(lab.seen()).toBe("synced 1 2 3");
		lab.turns.length = 0;
		lab.catalog.setTimes({ ...TIMES, removalGrace: 1, guard: {} });
		expect([lab.seen(), lab.turns.length]).toEqual(["synced 1 2 3", 0]);
		lab.catalog.setTimes({ ...TIMES, guard: { holdFor: 120_000 } });
		expect([lab.seen(), status()?.held?.until?.getTime()]).toEqual(["synced 1 2 3", Date.now() + 120_000]);
		lab.catalog.setTimes({ ...TIMES, guard: "off" });
		expect(lab.seen()).toBe("synced");
	});

	it("is nothing, and nothing is told, where a service is approved that has all that its source says", () => {
		begin(1, 2, 3);
		lab.turns.length = 0;
		expect([lab.catalog.approve("web"), lab.seen(), lab.turns]).toEqual([0, "synced 1 2 3", []]);
	});

	it("ends with the service: no timer is left", () => {
		begin(1, 2, 3);
		lab.provider.answer(A);
		expect(lab.seen()).toBe("synced 1 2 3");
		lab.apply();
		vi.advanceTimersByTime(30_000);
		lab.catalog.flush();
		expect(vi.getTimerCount()).toBe(0);
	});
});

describe("the targets of a source", () => {
	const targetOf = (i: number) => `fake:///s${i}`;
	const define = (count: number) =>
		lab.apply(...Array.from({ length: count }, (_, i) => service(`s${i}`, [targetOf(i)])));
	const held = (i: number) => lab.catalog.targetsOf(`s${i}`)[0]?.held?.why;

	beforeEach(() => {
		Object.assign(lab.provider, { live: true });
	});

	function fill(count: number): void {
		for (let i = 0; i < count; i++) lab.provider.answer(targetOf(i), 1);
		lab.catalog.flush();
		vi.advanceTimersByTime(60_000);
	}

	it("are those that have endpoints: one that has not answered does not count", () => {
		define(4);
		lab.provider.fail(targetOf(3));
		fill(3);
		for (let i = 0; i < 3; i++) lab.provider.answer(targetOf(i));
		expect([held(0), held(1), held(2)]).toEqual([undefined, undefined, undefined]);
	});

	it("are no longer those of services that are gone", () => {
		define(8);
		fill(8);
		define(4);
		vi.advanceTimersByTime(30_000);
		lab.catalog.flush();
		for (let i = 0; i < 3; i++) lab.provider.answer(targetOf(i));
		expect([held(0), held(1), held(2)]).toEqual(["registry", "registry", "registry"]);
	});

	it("do not count as emptied just now where what was held of them is approved", () => {
		define(8);
		fill(8);
		for (const i of [0, 1, 2, 3, 4]) lab.provider.answer(targetOf(i));
		expect(held(0)).toBe("registry");
		for (const i of [0, 1, 2, 3]) lab.catalog.approve(`s${i}`);
		expect([held(0), lab.seen("s0")]).toEqual([undefined, "synced"]);
		lab.provider.answer(targetOf(4), 1);
		lab.provider.answer(targetOf(5));
		expect(held(5)).toBe("waiting");
	});

	it("are still as many while some of them were emptied a moment ago", () => {
		define(4);
		fill(4);
		lab.provider.answer(targetOf(0));
		vi.advanceTimersByTime(1_000);
		for (const i of [1, 2]) lab.provider.answer(targetOf(i));
		expect([0, 1, 2].map(held)).toEqual(["registry", "registry", "registry"]);
	});

	it("are emptied once: what has nothing that is served cannot lose more", () => {
		define(3);
		fill(3);
		lab.provider.answer(targetOf(0));
		define(4);
		lab.provider.answer(targetOf(3), 1);
		lab.provider.answer(targetOf(0), at(1, { health: "unhealthy" }));
		for (const i of [1, 2]) lab.provider.answer(targetOf(i));
		expect([0, 1, 2].map(held)).toEqual([undefined, "waiting", "waiting"]);
	});

	it("wait for a second in which others may follow, and are then empty", () => {
		define(6);
		fill(6);
		lab.provider.answer(targetOf(0));
		expect([held(0), lab.seen("s0")]).toEqual(["waiting", "synced 1"]);
		vi.advanceTimersByTime(1_000);
		expect([held(0), lab.seen("s0")]).toEqual([undefined, "synced"]);
		// That one counts still.
		for (const i of [1, 2, 3]) lab.provider.answer(targetOf(i));
		expect([0, 1, 2, 3].map(held)).toEqual(["registry", "registry", "registry", "registry"]);
		expect(lab.seen("s0")).toBe("synced 1");
		vi.advanceTimersByTime(60_000);
		expect([0, 1, 2, 3].map((i) => lab.seen(`s${i}`))).toEqual(["synced", "synced", "synced", "synced"]);
	});
});
