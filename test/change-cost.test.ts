import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PATIENCE } from "../lab/patience.js";
import { waitUntil } from "../lab/wait-until.js";
import { logChanges } from "../src/app/change-log.js";
import { Cache } from "../src/cache/cache.js";
import { Catalog } from "../src/catalog/catalog.js";
import { mergeInSteps } from "../src/catalog/merge.js";
import { KnownServices } from "../src/config/known-services.js";
import { parseConfig } from "../src/config/load.js";
import { OwnServices } from "../src/config/own/own-service.js";
import { endpointIfValid } from "../src/input/given/own-endpoint.js";
import { diffInSteps } from "../src/model/endpoint-diff.js";
import { endpointProblem } from "../src/model/endpoint-problem.js";
import { Registry } from "../src/providers/registry.js";
import { encodeService } from "../src/resources/encode-service.js";
import type { View } from "../src/resources/view.js";
import { at, definitions, FakeProvider, service } from "./catalog/fake-provider.js";
import { tempFolder } from "./util/temp-folder.js";

vi.mock("../src/catalog/merge.js", { spy: true });
vi.mock("../src/input/given/own-endpoint.js", { spy: true });
vi.mock("../src/model/endpoint-diff.js", { spy: true });
vi.mock("../src/model/endpoint-problem.js", { spy: true });

let encoded: string[];
let catalog: Catalog;

beforeEach(() => {
	encoded = [];
});

afterEach(() => catalog.stop());

/** Clients of both views use clusters and endpoints of all the services. */
function serve(registry: Registry): void {
	catalog = new Catalog(registry, { removalGrace: 0, syncDeadline: 60_000 });
	const cache = new Cache(catalog, (type, view, definition, endpoints, options) => {
		encoded.push(`${type.id} ${view} ${definition.name}`);
		return encodeService(type, view, definition, endpoints, options);
	});
	const log = pino({ level: "info" }, { write: () => {} });
	catalog.onChange((changes, at) => {
		const names = changes.map(({ name }) => name);
		cache.update(names, at);
		logChanges(log, changes);
	});
	for (const view of ["envoy", "grpc"] satisfies View[]) {
		cache.acquire("cds", view);
		cache.acquire("eds", view);
	}
}

/** How often what a change costs was done since the last call. */
function work() {
	const [merged, compared, checked] = [mergeInSteps, diffInSteps, endpointProblem].map((spy) => {
		const { calls } = vi.mocked(spy).mock;
		return calls.splice(0).length;
	});
	return { merged, compared, checked, encoded: encoded.splice(0).sort() };
}

describe("a change of one service", () => {
	it.each([10, 10_000])("is the same work among %i services", (count) => {
		const provider = new FakeProvider();
		serve(provider.registry);
		const all = Array.from({ length: count }, (_, i) => service(`s${i}`, [`fake:///${i}`]));
		catalog.apply(definitions(...all));
		for (let i = 0; i < count; i++) provider.answer(`fake:///${i}`, 1, 2, 3);
		catalog.flush();
		work();
		provider.answer("fake:///5", 1, 2, 4);
		catalog.flush();
		expect(work()).toEqual({
			merged: 1,
			compared: 1,
			checked: 1,
			encoded: ["eds envoy s5", "eds grpc s5"],
		});
	});

	it.each([100, 10_000])("looks at the one that changed of its %i endpoints", async (count) => {
		const provider = new FakeProvider();
		serve(provider.registry);
		catalog.apply(definitions(service("web", ["fake:///web"])));
		// In an order of its own, and each anew.
		const list = (weight: number) =>
			Array.from({ length: count }, (_, i) => at(i % 100, { port: i + 1, ...(i === 50 && { weight }) }));
		provider.answer("fake:///web", ...list(5));
		// A large answer is looked at in slices.
		await waitUntil("the first answer is there", () => catalog.get("web")?.endpoints.length === count);
		catalog.flush();
		work();
		provider.answer("fake:///web", ...list(7));
		catalog.flush();
		expect(work()).toMatchObject({ merged: 1, compared: 1, checked: 1 });
	});

	it.each([100, 10_000])("looks at the one that changed of the %i endpoints of a file", async (count) => {
		await using folder = await tempFolder();
		const path = folder.file("web.yaml");
		const text = (weight: number) =>
			Array.from({ length: count }, (_, i) => `- {address: "10.0.0.1:${i + 1}", weight: ${i === 50 ? weight : 1}}\n`);
		await writeFile(path, text(5).join(""));
		serve(new Registry());
		catalog.apply(definitions(service("web", [pathToFileURL(path).href])));
		await vi.waitFor(() => expect(catalog.get("web")?.endpoints).toHaveLength(count), {
			timeout: PATIENCE,
			interval: 20,
		});
		work();
		await writeFile(path, text(7).join(""));
		const isNew = ({ weight }: { readonly weight: number }) => weight === 7;
		await vi.waitFor(() => expect(catalog.get("web")?.endpoints.some(isNew)).toBe(true), {
			timeout: PATIENCE,
			interval: 20,
		});
		expect(work()).toMatchObject({ merged: 1, compared: 1, checked: 1 });
	});

	it.each([10, 10_000])("costs the same in the config of %i services when that is read again", (count) => {
		const registry = new Registry();
		serve(registry);
		const knownServices = new KnownServices();
		const apply = (changed: string) => {
			const services = Array.from(
				{ length: count },
				(_, i) => `  s${i}:\n    endpoints:\n      - 10.0.0.1:80\n      - ${i === 5 ? changed : "10.0.0.2:80"}\n`,
			);
			const text = `services:\n${services.join("")}`;
			catalog.apply(parseConfig(text, "f.yaml", { registry, knownServices }).services);
			catalog.flush();
		};
		apply("10.0.0.2:80");
		work();
		apply("10.0.0.3:80");
		expect(work()).toEqual({
			merged: 1,
			compared: 1,
			checked: 0,
			// The cluster, too: another definition may be another cluster. Its bytes are the same.
			encoded: ["eds envoy s5", "eds grpc s5"],
		});
		apply("10.0.0.3:80");
		expect(work()).toEqual({ merged: 0, compared: 0, checked: 0, encoded: [] });
	});

	it.each([100, 10_000])("looks at the one that changed of the %i endpoints that a program sets", (count) => {
		serve(new Registry());
		const own = new OwnServices();
		// In an order of its own, and each anew.
		const list = (weight: number) =>
			Array.from({ length: count }, (_, i) => ({
				address: `10.0.${i % 100}.1`,
				port: i + 1,
				...(i === 50 && { weight }),
			}));
		const set = (weight: number) => {
			catalog.set(own.read("web", list(weight), {}));
			catalog.flush();
		};
		set(5);
		work();
		vi.mocked(endpointIfValid).mockClear();
		set(7);
		expect(vi.mocked(endpointIfValid).mock.calls).toEqual([[{ address: "10.0.50.1", port: 51, weight: 7 }]]);
		expect(work()).toEqual({ merged: 1, compared: 1, checked: 0, encoded: ["eds envoy web", "eds grpc web"] });
	});

	it("is not compared for the log where nothing is logged", () => {
		const provider = new FakeProvider();
		serve(provider.registry);
		catalog.apply(definitions(service("web", ["fake:///web"])));
		provider.answer("fake:///web", 1);
		catalog.flush();
		const silent = pino({ level: "silent" });
		let compared: number | undefined;
		catalog.onChange((changes) => {
			work();
			logChanges(silent, changes);
			compared = work().compared;
		});
		provider.answer("fake:///web", 2);
		catalog.flush();
		expect(compared).toBe(0);
	});
});
