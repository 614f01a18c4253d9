import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeKubeApi } from "../lab/fake-kube-api.js";
import { type SliceObject, sliceObject } from "../lab/slice-object.js";
import { waitUntil } from "../lab/wait-until.js";
import { Cache } from "../src/cache/cache.js";
import { Catalog } from "../src/catalog/catalog.js";
import { DiscoveredServices } from "../src/catalog/discover/discovered-services.js";
import { parseTarget } from "../src/model/target.js";
import { Registry } from "../src/providers/registry.js";
import { encodeService } from "../src/resources/encode-service.js";
import { definitions, service } from "./catalog/fake-provider.js";
import { kubernetesProvider } from "./providers/kubernetes/watching.js";

const SERVICES = 5_000;
const ENDPOINTS = 10;

function slice(n: number, network = 0): SliceObject {
	const endpoints = Array.from({ length: ENDPOINTS }, (_, i) => {
		const host = n * ENDPOINTS + i;
		return `10.${i === 0 ? network : 0}.${host >> 8}.${host & 255} ready`;
	});
	return sliceObject(`s-${n}`, { endpoints });
}

describe("5,000 services with 50,000 endpoints in a cluster", () => {
	let api: FakeKubeApi;
	let catalog: Catalog;
	/** The services that were encoded and those that the catalog told of, since they were last looked at. */
	const encoded: string[] = [];
	const told: string[] = [];

	beforeAll(async () => {
		api = await FakeKubeApi.start();
		api.replace(...Array.from({ length: SERVICES }, (_, n) => slice(n)));
		const timing = { head: 20_000, page: 20_000, watch: [60_000, 60_000] as const };
		const registry = new Registry().register("k8s", kubernetesProvider(api.url, {}, timing));
		catalog = new Catalog(registry, { removalGrace: 30_000, syncDeadline: 30_000 });
		const cache = new Cache(catalog, (type, view, definition, endpoints, options) => {
			encoded.push(definition.name);
			return encodeService(type, view, definition, endpoints, options);
		});
		cache.acquire("eds", "envoy");
		catalog.onChange((changes, at) => {
			const names = changes.map(({ name }) => name);
			told.push(...names);
			cache.update(names, at);
		});
		const all = Array.from({ length: SERVICES }, (_, n) => service(`s-${n}`, [`k8s:///shop/s-${n}`]));
		catalog.apply(definitions(...all));
		await waitUntil("all services are in sync", () => endpointsInSync() === SERVICES * ENDPOINTS);
	});
	afterAll(async () => {
		catalog?.stop();
		await api?.[Symbol.asyncDispose]();
	});

	function endpointsInSync(): number {
		let sum = 0;
		for (const { state, endpoints } of catalog.services()) if (state === "synced") sum += endpoints.length;
		return sum;
	}

	it("cost one list, in pages, and one watch, and each service is encoded once", async () => {
		await waitUntil("the watch is open", () => api.open > 0);
		const lists = api.requests.filter(({ kind }) => kind === "list");
		expect(lists.filter(({ query }) => !query.has("continue"))).toHaveLength(1);
		expect(lists.length).toBeLessThanOrEqual(SERVICES / 500);
		expect(api.count("watch")).toBe(1);
		expect(encoded).toHaveLength(SERVICES);
		expect(new Set(encoded).size).toBe(SERVICES);
	});

	it("are not touched when a slice of another one changes", async () => {
		encoded.length = 0;
		told.length = 0;
		api.put(slice(1_234, 1));
		await waitUntil("the change is encoded", () => encoded.length > 0);
		expect(encoded).toEqual(["s-1234"]);
		api.put(slice(4_321, 1));
		await waitUntil("the next change is encoded", () => encoded.length > 1);
		expect(encoded).toEqual(["s-1234", "s-4321"]);
		expect(told).toEqual(encoded);
	});

	it("are not encoded when all is listed again and one of them is another", async () => {
		encoded.length = 0;
		const before = api.count("list");
		api.endWatches("break");
		api.put(slice(77, 1));
		api.compact();
		await waitUntil("the change is encoded", () => encoded.length > 0);
		expect(api.count("list")).toBeGreaterThan(before);
		expect(encoded).toEqual(["s-77"]);
	});
});

describe("5,000 services that one registry has", () => {
	it("cost one list and one watch, and a change costs one of them", async () => {
		await using api = await FakeKubeApi.start();
		api.replace(...Array.from({ length: SERVICES }, (_, n) => slice(n)));
		const timing = { head: 20_000, page: 20_000, watch: [60_000, 60_000] as const };
		const registry = new Registry().register("k8s", kubernetesProvider(api.url, {}, timing));
		const catalog = new Catalog(registry, { removalGrace: 30_000, syncDeadline: 30_000 });
		const told: string[] = [];
		catalog.onChange((changes) => void told.push(...changes.map(({ name }) => name)));
		const found = new DiscoveredServices(registry, catalog, () => 30_000);
		const settings = { protocol: "http1", connectTimeout: 5_000 } as const;
		found.apply([{ target: parseTarget("k8s:///shop/*"), name: "{service}", settings }]);
		const synced = () =>
			[...catalog.services()].filter(({ state, endpoints }) => state === "synced" && endpoints.length);
		await waitUntil("all are in sync", () => synced().length === SERVICES);
		expect(api.requests.filter(({ kind, query }) => kind === "list" && !query.has("continue"))).toHaveLength(1);
		expect(api.count("watch")).toBe(1);
		told.length = 0;
		api.put(slice(1_234, 1));
		await waitUntil("the change is told", () => told.length > 0);
		api.put(sliceObject("new", { endpoints: ["10.9.9.9 ready"] }));
		await waitUntil("the new service is told", () => told.length > 1);
		api.delete(slice(77));
		await waitUntil("the removal is told", () => told.length > 2);
		expect(told).toEqual(["s-1234", "new", "s-77"]);
		expect(catalog.get("s-77")).toMatchObject({ state: "removing", endpoints: { length: ENDPOINTS } });
		catalog.stop();
		found.stop();
	});
});
