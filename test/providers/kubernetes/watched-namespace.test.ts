import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { kubernetesProvider, toldLast, watching } from "./watching.js";

let api: FakeKubeApi;

beforeEach(async () => {
	api = await FakeKubeApi.start();
});

afterEach(async () => {
	vi.restoreAllMocks();
	await api[Symbol.asyncDispose]();
});

describe("a watched namespace", () => {
	it("is listed and watched once, however many targets it has", async () => {
		for (const name of ["web", "cart", "user"]) api.put(sliceObject(name, { endpoints: ["10.0.0.1"] }));
		const it = kubernetesProvider(api.url);
		const names = ["web", "cart", "user", "web", "none"];
		const all = names.map((name) => watching(it, `k8s:///shop/${name}`));
		for (const [i, watched] of all.entries()) await toldLast(watched, names[i] === "none" ? "" : "10.0.0.1:80");
		await waitUntil("it is watched", () => api.open === 1);
		using later = watching(it, "k8s:///shop/cart:80");
		expect(later.told.all).toEqual(["10.0.0.1:80"]);
		expect([api.count("list"), api.count("watch")]).toEqual([1, 1]);
		for (const { told } of all) expect(told.all).toHaveLength(1);
		using other = watching(it, "k8s:///search/web");
		await toldLast(other, "");
		expect([api.count("list"), api.requests.at(-1)?.namespace]).toEqual([2, "search"]);
		for (const each of all) each.abort();
	});

	it("is listed in pages, complete or not at all", async () => {
		for (let i = 1; i <= 7; i++) api.put(sliceObject("web", { name: `web-${i}`, endpoints: [`10.0.0.${i}`] }));
		api.page = 3;
		let gone = false;
		api.react = ({ query }) => {
			if (!gone || !query.has("continue")) return undefined;
			return { status: 410 };
		};
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		const seven = [1, 2, 3, 4, 5, 6, 7].map((i) => `10.0.0.${i}:80`).join(" ");
		await waitUntil("all are told", () => watched.told.last?.split(" ").sort().join(" ") === seven);
		expect(api.count("list")).toBe(3);
		gone = true;
		using again = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("all are told", () => again.told.last?.split(" ").sort().join(" ") === seven);
		expect(again.told.all).toHaveLength(1);
		// The first page, the second that is gone, then everything in one piece.
		expect(api.count("list")).toBe(6);
		expect(
			api.requests
				.filter(({ kind }) => kind === "list")
				.at(-1)
				?.query.has("limit"),
		).toBe(false);
	});

	it("tells the targets whose slices changed, and no other", async () => {
		for (const name of ["web", "cart"]) api.put(sliceObject(name, { endpoints: ["10.0.0.1"] }));
		const it = kubernetesProvider(api.url);
		using web = watching(it, "k8s:///shop/web");
		using cart = watching(it, "k8s:///shop/cart");
		await waitUntil("it is watched", () => api.open === 1);
		const at = "2026-11-24T10:00:00Z";
		const annotations = { "endpoints.kubernetes.io/last-change-trigger-time": at };
		api.put(sliceObject("web", { endpoints: ["10.0.0.1", "10.0.0.2"], annotations }));
		await toldLast(web, "10.0.0.1:80 10.0.0.2:80");
		expect(web.told.details?.changedAt).toEqual(new Date(at));
		api.put(sliceObject("web", { name: "web-2", endpoints: ["10.0.0.3"] }));
		await toldLast(web, "10.0.0.1:80 10.0.0.2:80 10.0.0.3:80");
		expect(web.told.details?.changedAt).toBeUndefined();
		api.delete(sliceObject("web", { name: "web-2" }));
		await toldLast(web, "10.0.0.1:80 10.0.0.2:80");
		api.delete(sliceObject("web"));
		await toldLast(web, "");
		api.put(sliceObject("web", { endpoints: ["10.0.0.9"] }));
		await toldLast(web, "10.0.0.9:80");
		expect(web.told.all).toHaveLength(6);
		expect(cart.told.all).toEqual(["10.0.0.1:80"]);
		expect([api.count("list"), api.count("watch")]).toEqual([1, 1]);
	});

	it("moves a slice whose label names another service now", async () => {
		api.put(sliceObject("web", { name: "one", endpoints: ["10.0.0.1"] }));
		const it = kubernetesProvider(api.url);
		using web = watching(it, "k8s:///shop/web");
		using cart = watching(it, "k8s:///shop/cart");
		await waitUntil("it is watched", () => api.open === 1);
		api.put(sliceObject("cart", { name: "one", endpoints: ["10.0.0.1"] }));
		await toldLast(cart, "10.0.0.1:80");
		await toldLast(web, "");
	});

	it("is confirmed from what is known, without a request", async () => {
		api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
		const timing = { confirm: 50, watch: [30_000, 30_000] as const };
		using watched = watching(kubernetesProvider(api.url, {}, timing), "k8s:///shop/web");
		await waitUntil("it is told often", () => watched.told.all.length >= 6);
		expect(new Set(watched.told.all)).toEqual(new Set(["10.0.0.1:80"]));
		expect(api.requests).toHaveLength(2);
	});

	it("is not confirmed while it fails", async () => {
		api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
		let failing = false;
		api.react = () => (failing ? { status: 503, headers: { "retry-after": "30" } } : undefined);
		const it = kubernetesProvider(api.url, {}, { confirm: 30 });
		using watched = watching(it, "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		failing = true;
		api.endWatches("break");
		await toldLast(watched, /^!cannot watch .* answered 503/);
		using other = watching(it, "k8s:///shop/other");
		const { length } = watched.told.all;
		await waitUntil("it had time for ten confirmations", () => performance.now() - (other.told.times[0] ?? 0) > 300);
		expect(watched.told.all).toHaveLength(length);
		// Who comes now is told what is known, and that it may be out of date.
		expect(other.told.all).toEqual(["", watched.told.last]);
	});

	it("goes on with watches that end, from where they were, without a list", async () => {
		const timing = { watch: [1_000, 1_000] as const, steady: 100 };
		using watched = watching(kubernetesProvider(api.url, {}, timing), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		// How far the server came is told at the end of the first watch.
		api.put(sliceObject("web", { namespace: "other" }));
		await waitUntil("there is a third watch", () => api.count("watch") === 3);
		api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
		await toldLast(watched, "10.0.0.1:80");
		expect(api.count("list")).toBe(1);
		const [, second, third] = api.requests.filter(({ kind }) => kind === "watch");
		expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(900);
		expect(second?.query.get("resourceVersion")).toBe("101");
		await waitUntil("there is a fourth watch", () => api.count("watch") === 4);
		expect(api.requests.at(-1)?.query.get("resourceVersion")).toBe("102");
		expect(watched.told.all).toEqual(["", "10.0.0.1:80"]);
	});

	it("is freed when the last target ends: no request, no connection, no timer", async () => {
		const [begun, ended] = [vi.spyOn(globalThis, "setInterval"), vi.spyOn(globalThis, "clearInterval")];
		const it = kubernetesProvider(api.url);
		const all = ["web", "cart"].map((name) => watching(it, `k8s:///shop/${name}`));
		await waitUntil("it is watched", () => api.open === 1);
		it.refresh(parseTarget("k8s:///shop/web"));
		all[0]?.abort();
		expect(await api.connections).toBeGreaterThan(0);
		all[1]?.abort();
		await waitUntil("all connections are closed", async () => (await api.connections) === 0);
		const { length } = api.requests;
		api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
		const intervals = begun.mock.results.map(({ value }) => value);
		expect(intervals.length).toBeGreaterThan(0);
		expect(ended.mock.calls.flat()).toEqual(expect.arrayContaining(intervals));
		expect(api.requests).toHaveLength(length);
		expect(all.map(({ told }) => told.all)).toEqual([[""], [""]]);
		using again = watching(it, "k8s:///shop/web");
		await toldLast(again, "10.0.0.1:80");
	});

	it("tells nothing to who ended it while being told", async () => {
		for (const name of ["web", "cart"]) api.put(sliceObject(name, { endpoints: ["10.0.0.1"] }));
		const it = kubernetesProvider(api.url);
		const controller = new AbortController();
		const told: string[] = [];
		const observer = (name: string) => ({
			endpoints: () => {
				told.push(name);
				controller.abort();
			},
			failed: () => told.push("failed"),
		});
		for (const name of ["web", "web", "cart"]) {
			it.watch(parseTarget(`k8s:///shop/${name}`), observer(name), { signal: controller.signal });
		}
		await waitUntil("one is told", () => told.length > 0);
		await waitUntil("all connections are closed", async () => (await api.connections) === 0);
		expect(told).toEqual(["web"]);
	});

	it("fails a target with several ports, with the list; the others go on", async () => {
		api.put(sliceObject("web", { ports: ["http:8080", "metrics:9090"], endpoints: ["10.0.0.1"] }));
		const it = kubernetesProvider(api.url);
		using unclear = watching(it, "k8s:///shop/web");
		using named = watching(it, "k8s:///shop/web:metrics");
		await toldLast(named, "10.0.0.1:9090");
		await toldLast(
			unclear,
			/^!shop\/web has several ports: http \(8080\), metrics \(9090\); name one .*k8s:\/\/\/shop\/web:PORT$/,
		);
		api.put(sliceObject("web", { ports: ["http:8080"], endpoints: ["10.0.0.1"] }));
		await toldLast(unclear, "10.0.0.1:8080");
		await toldLast(named, "");
		expect(named.told.details?.notes).toEqual([
			`web-1 is left out: it has no TCP port "metrics"; there is http (8080)`,
		]);
	});

	it("refuses what is not a target of it", () => {
		const it = kubernetesProvider(api.url);
		using watched = watching(it, "k8s://shop/web");
		expect(watched.told.last).toMatch(/^!"k8s:\/\/shop\/web": expected k8s:\/\/\/namespace\/service/);
		expect(api.requests).toEqual([]);
	});
});
