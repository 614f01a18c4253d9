import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { InvalidTarget, ServiceNotFound, SourceFailed } from "../../../src/util/errors.js";
import { kubernetesProvider, toldLast, watching } from "./watching.js";

const { signal } = new AbortController();

let api: FakeKubeApi;

beforeEach(async () => {
	api = await FakeKubeApi.start();
});

afterEach(async () => {
	await api[Symbol.asyncDispose]();
});

describe("a refresh", () => {
	it("lists again, no more often than the minimum interval", async () => {
		api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
		const it = kubernetesProvider(api.url, { minInterval: "1s" });
		const begun = performance.now();
		using watched = watching(it, "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.replace(sliceObject("web", { endpoints: ["10.0.0.2"] }));
		for (let i = 0; i < 10; i++) it.refresh(watched.target);
		expect(api.count("list")).toBe(1);
		await toldLast(watched, "10.0.0.2:80");
		const refresh = setInterval(() => it.refresh(watched.target), 10);
		try {
			await waitUntil("it is listed again", () => api.count("list") === 4);
		} finally {
			clearInterval(refresh);
		}
		// The first is sent after this began, each other one a second after the one before at the earliest.
		const lists = api.requests.filter(({ kind }) => kind === "list").map(({ at }) => at);
		for (const [i, at] of lists.entries()) expect(at - begun).toBeGreaterThan(980 * i);
		expect(watched.told.all.filter((text) => text.startsWith("!"))).toEqual([]);
		expect(api.count("watch")).toBeLessThanOrEqual(6);
	});

	it("does nothing for a namespace that nobody watches", async () => {
		const it = kubernetesProvider(api.url);
		using watched = watching(it, "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		it.refresh(parseTarget("k8s:///other/web"));
		it.refresh(parseTarget("k8s://broken"));
		expect([...api.requests.map(({ namespace }) => namespace), watched.told.last]).toEqual(["shop", "shop", ""]);
	});
});

describe("a one-time look-up", () => {
	const discover = (text: string) => kubernetesProvider(api.url).discover(parseTarget(text), { signal });

	it("lists the service's slices and nothing else", async () => {
		api.put(sliceObject("web", { endpoints: ["10.0.0.1", "10.0.0.2 !ready"], labels: { track: "stable" } }));
		api.put(sliceObject("cart", { endpoints: ["10.0.0.3"] }));
		const found = await discover("k8s:///shop/web");
		expect(found.map(({ address, port, health }) => [address, port, health])).toEqual([["10.0.0.1", 80, "healthy"]]);
		expect(await discover("k8s:///shop/web?labelSelector=track=canary")).toEqual([]);
		expect(api.requests.map(({ kind, query }) => `${kind} ${query.get("labelSelector")}`)).toEqual([
			"list kubernetes.io/service-name=web",
			"list kubernetes.io/service-name=web",
		]);
		await waitUntil("all connections are closed", async () => (await api.connections) === 0);
	});

	it("tells what is not there, unclear, not answered and no target apart", async () => {
		api.put(sliceObject("web", { ports: ["a:1", "b:2"], endpoints: ["10.0.0.1"] }));
		await expect(discover("k8s:///shop/none")).rejects.toThrow(ServiceNotFound);
		await expect(discover("k8s:///shop/none")).rejects.toThrow('no EndpointSlice of a service "none"');
		await expect(discover("k8s:///shop/web")).rejects.toThrow("has several ports: a (1), b (2)");
		await expect(discover("k8s:///shop")).rejects.toThrow(InvalidTarget);
		api.react = () => ({ status: 500 });
		await expect(discover("k8s:///shop/web:a")).rejects.toThrow(SourceFailed);
		await expect(discover("k8s:///shop/web:a")).rejects.toThrow("the API server answered 500 (said 500)");
		const dead = kubernetesProvider("http://127.0.0.1:9").discover(parseTarget("k8s:///shop/web"), { signal });
		await expect(dead).rejects.toThrow(/^cannot list .* "shop": .*ECONNREFUSED/);
	});

	it("ends with its signal", async () => {
		api.react = () => ({ silent: true });
		const controller = new AbortController();
		const looking = kubernetesProvider(api.url, {}, { head: 30_000 }).discover(parseTarget("k8s:///shop/web"), {
			signal: controller.signal,
		});
		await waitUntil("it is asked", () => api.requests.length === 1);
		controller.abort(new Error("enough"));
		await expect(looking).rejects.toThrow("enough");
		await waitUntil("all connections are closed", async () => (await api.connections) === 0);
	});
});
