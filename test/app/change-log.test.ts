import { type Logger, pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import { EventHub } from "../../src/admin/events/event-hub.js";
import { logChanges, tellChanges } from "../../src/app/change-log.js";
import { logEmpty } from "../../src/app/log/empty-log.js";
import { Catalog } from "../../src/catalog/catalog.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { at, definitions, FakeProvider, service } from "../catalog/fake-provider.js";

const A = "fake:///a";
const B = "fake:///b";

let provider: FakeProvider;
let catalog: Catalog;
let log: Logger;
let lines: Record<string, unknown>[];

beforeEach(() => {
	lines = [];
	log = pino(
		{ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
		{ write: (line: string) => void lines.push(JSON.parse(line)) },
	);
	provider = new FakeProvider();
	catalog = new Catalog(provider.registry, { removalGrace: 0, syncDeadline: 60_000 });
	catalog.onChange((changes) => logChanges(log, changes));
	return () => catalog.stop();
});

function apply(...list: readonly ServiceDefinition[]): void {
	catalog.apply(definitions(...list));
	catalog.flush();
}

/** The lines since the last call. */
function logged(): Record<string, unknown>[] {
	catalog.flush();
	return lines.splice(0);
}

describe("the log of changes", () => {
	it("has a line a service: added, changed, removed", async () => {
		apply(service("web", [], { endpoints: [at(1), at(2)] }), service("api", [], { endpoints: [] }));
		expect(logged()).toEqual([
			{
				level: "info",
				service: "web",
				state: "synced",
				endpoints: 2,
				added: ["10.0.0.1:80", "10.0.0.2:80"],
				msg: "service added",
			},
			{ level: "info", service: "api", state: "synced", endpoints: 0, msg: "service added" },
		]);
		apply(
			service("web", [], { endpoints: [at(3), at(1, { weight: 7 }), at(1)] }),
			service("api", [], { endpoints: [] }),
		);
		expect(logged()).toEqual([
			{
				level: "info",
				service: "web",
				state: "synced",
				endpoints: 2,
				added: ["10.0.0.3:80"],
				removed: ["10.0.0.2:80"],
				changed: ["10.0.0.1:80 weight 100 -> 7"],
				notes: ["duplicate endpoint 10.0.0.1:80 in inline left out"],
				msg: "service changed",
			},
		]);
		apply(service("api", [], { endpoints: [] }));
		expect(logged()).toMatchObject([{ service: "web", state: "removing", msg: "service is being removed" }]);
		apply(service("api", [], { endpoints: [] }), service("web", [], { endpoints: [at(3), at(1, { weight: 7 })] }));
		expect(logged()).toMatchObject([{ service: "web", state: "synced", msg: "service is back" }]);
		const gone = new Promise<void>((resolve) => catalog.onChange(() => resolve()));
		catalog.apply(definitions(service("api", [], { endpoints: [] })));
		catalog.flush();
		logged();
		await gone;
		await new Promise<void>((resolve) => {
			if (!catalog.get("web")) resolve();
			else catalog.onChange(() => resolve());
		});
		expect(logged()).toEqual([{ level: "info", service: "web", msg: "service removed" }]);
	});

	it("has a failure once and its end once", () => {
		apply(service("web", [A]));
		provider.answer(A, 1);
		logged();
		provider.fail(A, "refused");
		expect(logged()).toEqual([
			{
				level: "warn",
				service: "web",
				target: A,
				state: "stale",
				error: "refused",
				msg: "target failed; what is known of it stays",
			},
		]);
		provider.fail(A, "refused");
		expect(logged()).toEqual([]);
		provider.answer(A, 1);
		expect(logged()).toMatchObject([{ level: "info", service: "web", target: A, msg: "target recovered" }]);
		provider.answer(A, 1);
		expect(logged()).toEqual([]);
	});

	it("has no line for a service of which nothing is known yet beyond its failure", () => {
		apply(service("web", [A]));
		expect(logged()).toMatchObject([{ service: "web", state: "unknown", msg: "service added" }]);
		provider.fail(A, "refused");
		provider.fail(A, "reset");
		expect(logged()).toMatchObject([
			{ level: "warn", state: "failed", error: "reset", msg: "target failed; nothing is known of it yet" },
		]);
		provider.answer(A);
		expect(logged()).toMatchObject([{ msg: "target recovered" }, { state: "synced", msg: "service changed" }]);
	});

	it("says at the deadline that a service is still unknown", async () => {
		catalog.setTimes({ removalGrace: 0, syncDeadline: 1 });
		apply(service("web", [A]));
		logged();
		await new Promise<void>((resolve) => catalog.onChange(() => resolve()));
		expect(logged()).toMatchObject([
			{ level: "warn", service: "web", msg: "service is still unknown at the sync deadline" },
		]);
	});

	it("counts where there would be too many addresses or lines", () => {
		const many = Array.from({ length: 21 }, (_, i) => at(i + 1));
		apply(service("web", [], { endpoints: many }));
		expect(logged()).toMatchObject([{ added: 21, endpoints: 21 }]);
		const services = Array.from({ length: 51 }, (_, i) => service(`s${i}`, [], { endpoints: [] }));
		apply(service("web", [], { endpoints: many }), ...services);
		expect(logged()).toEqual([{ level: "info", services: 51, msg: "services changed" }]);
	});

	it("follows each target of a service", () => {
		apply(service("web", [A, B]));
		provider.answer(A, 1);
		provider.answer(B, 2);
		logged();
		provider.fail(B, "refused");
		provider.answer(A, 3);
		expect(logged()).toMatchObject([
			{ target: B, msg: "target failed; what is known of it stays" },
			{ state: "stale", added: ["10.0.0.3:80"], removed: ["10.0.0.1:80"], msg: "service changed" },
		]);
		provider.answer(A, 4);
		expect(logged()).toMatchObject([{ msg: "service changed" }]);
	});

	it("says at debug what the answers come to, and why", () => {
		log.level = "debug";
		apply(service("web", [A, B]));
		provider.answer(A, 1);
		provider.fail(B, "refused");
		expect(
			logged()
				.filter(({ msg }) => msg === "service decided")
				.at(-1),
		).toMatchObject({
			level: "debug",
			service: "web",
			state: "stale",
			ready: 1,
			why: "targets failing: 1 (of 2): what was known of them stays",
			targets: [`${A} synced`, `${B} failed`],
		});
	});
});

describe("the events of changes", () => {
	it("say which services are others, and what changed of them", async () => {
		const hub = new EventHub();
		const reader = hub.open(["services", "changes"]);
		catalog.onChange((changes) => tellChanges(hub, changes));
		apply(service("web", [], { endpoints: [at(1), at(2)] }));
		apply(service("web", [], { endpoints: [at(1, { weight: 7 })] }));
		const due = await reader?.next(60_000);
		expect(due?.services).toEqual(["web"]);
		expect(due?.happened.map(({ text }) => JSON.parse(text))).toMatchObject([
			{ service: "web", what: "service added", added: ["10.0.0.1:80", "10.0.0.2:80"] },
			{
				what: "service changed",
				endpoints: 1,
				removed: ["10.0.0.2:80"],
				changed: ["10.0.0.1:80 weight 100 -> 7"],
			},
		]);
	});
});

describe("the log of what is empty", () => {
	beforeEach(() => {
		catalog.onChange((changes) => logEmpty(log, changes));
	});
	const warnings = () => logged().filter(({ msg }) => msg === "target has no endpoint");

	it("warns once of a target without endpoints, and again only after it had some", () => {
		apply(service("web", [A, B]));
		provider.answer(A);
		provider.answer(B, 1);
		const warning = { level: "warn", service: "web", target: A, notes: [`${A} has no endpoint`] };
		expect(warnings()).toEqual([{ ...warning, msg: "target has no endpoint" }]);
		provider.answer(B, 1, 2);
		expect(warnings()).toEqual([]);
		provider.answer(A, 3);
		expect(warnings()).toEqual([]);
		provider.answer(A);
		expect(warnings()).toHaveLength(1);
	});

	it("says nothing of endpoints written out, nor of a source that fails", () => {
		apply(service("api", [], { endpoints: [] }), service("web", [A]));
		provider.fail(A);
		expect(warnings()).toEqual([]);
	});
});
