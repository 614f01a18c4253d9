import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { type SliceObject, sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { addressOf } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import { kubernetesProvider, type Watched, watching } from "./watching.js";

let api: FakeKubeApi;
let pods: FakeKubeApi;

beforeEach(async () => {
	api = await FakeKubeApi.start();
	pods = await FakeKubeApi.start("PodList");
	api.pods = pods;
});
afterEach(async () => {
	await api[Symbol.asyncDispose]();
	await pods[Symbol.asyncDispose]();
});

interface PodParts {
	readonly labels?: Readonly<Record<string, string>>;
	readonly annotations?: Readonly<Record<string, string>>;
	readonly uid?: string;
}

/** Not a slice, but the fake server looks at no more than its metadata. */
function pod(name: string, { labels, annotations, uid = `uid-${name}` }: PodParts = {}): SliceObject {
	return { kind: "Pod", metadata: { name, namespace: "shop", uid, labels, annotations } } as unknown as SliceObject;
}

/** Of the pods web-1, web-2, … */
function slice(...addresses: readonly string[]): SliceObject {
	return sliceObject("web", {
		endpoints: addresses.map((address, i) => ({
			addresses: [address],
			targetRef: { kind: "Pod", name: `web-${i + 1}`, uid: `uid-web-${i + 1}` },
		})),
	});
}

const WANTED = { podLabels: ["version"], weightAnnotation: "fingerpost.io/weight" };

/** Address, weight and metadata of each. */
function seen({ told }: Watched): string {
	return told.list.map((e) => `${e.address} ${e.weight} ${e.metadata?.version ?? "-"}`).join(", ");
}

async function sees(watched: Watched, expected: string): Promise<void> {
	await waitUntil(`there is ${expected}`, () => seen(watched) === expected || Promise.reject(new Error(seen(watched))));
}

describe("labels and weights of pods", () => {
	it("come with the first endpoints, and follow the pods", async () => {
		api.put(slice("10.0.0.1", "10.0.0.2"));
		pods.put(pod("web-1", { labels: { version: "v1", other: "x" }, annotations: { "fingerpost.io/weight": "10" } }));
		pods.put(pod("web-2"));
		using watched = watching(kubernetesProvider(api.url, WANTED), "k8s:///shop/web");
		await sees(watched, "10.0.0.1 10 v1, 10.0.0.2 100 -");
		expect(watched.told.all).toEqual(["10.0.0.1:80 10.0.0.2:80"]);
		expect(watched.told.list[0]?.metadata).toEqual({ version: "v1" });
		pods.put(pod("web-1", { labels: { version: "v2" } }));
		await sees(watched, "10.0.0.1 100 v2, 10.0.0.2 100 -");
	});

	it("are watched once a namespace, and not at all unless they are wanted", async () => {
		api.put(slice("10.0.0.1"));
		{
			using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
			await sees(watched, "10.0.0.1 100 -");
		}
		expect(pods.requests).toEqual([]);
		const provider = kubernetesProvider(api.url, WANTED);
		using first = watching(provider, "k8s:///shop/web");
		using second = watching(provider, "k8s:///shop/web:80");
		await sees(first, "10.0.0.1 100 -");
		await sees(second, "10.0.0.1 100 -");
		expect(pods.count("list")).toBe(1);
	});

	it("are not those of another pod that had the name before", async () => {
		api.put(slice("10.0.0.1"));
		pods.put(pod("web-1", { uid: "older", labels: { version: "v0" } }));
		using watched = watching(kubernetesProvider(api.url, WANTED), "k8s:///shop/web");
		await sees(watched, "10.0.0.1 100 -");
		pods.put(pod("web-1", { labels: { version: "v1" } }));
		await sees(watched, "10.0.0.1 100 v1");
	});

	it("do without: a right that lacks is told, and the endpoints are served", async () => {
		api.put(slice("10.0.0.1"));
		pods.react = () => ({ status: 403, message: "no" });
		using watched = watching(kubernetesProvider(api.url, WANTED), "k8s:///shop/web");
		await sees(watched, "10.0.0.1 100 -");
		expect(watched.told.details?.notes).toEqual([
			'labels and weights of pods may be missing or old: list pods in the namespace "shop" is forbidden: grant get, list and watch on pods in the apiGroup "", as deploy/kubernetes/options/rbac-pods.yaml does, or leave out podLabels and weightAnnotation (no)',
		]);
		pods.put(pod("web-1", { labels: { version: "v1" } }));
		pods.react = () => undefined;
		await sees(watched, "10.0.0.1 100 v1");
		expect(watched.told.details?.notes).toEqual([]);
	});

	it("are told where an annotation is no weight", async () => {
		api.put(slice("10.0.0.1"));
		pods.put(pod("web-1", { annotations: { "fingerpost.io/weight": "a lot" } }));
		using watched = watching(kubernetesProvider(api.url, WANTED), "k8s:///shop/web");
		await sees(watched, "10.0.0.1 100 -");
		expect(watched.told.details?.notes).toEqual([
			'the annotation of the pod web-1 is not used: fingerpost.io/weight is a whole number from 0 to 65535, not "a lot"',
		]);
	});

	it("are found by a single look-up, too, which fails without the right", async () => {
		api.put(slice("10.0.0.1"));
		pods.put(pod("web-1", { labels: { version: "v1" } }));
		const provider = kubernetesProvider(api.url, WANTED);
		const look = () => provider.discover(parseTarget("k8s:///shop/web"), { signal: AbortSignal.timeout(30_000) });
		expect((await look())[0]?.metadata).toEqual({ version: "v1" });
		pods.react = () => ({ status: 403 });
		await expect(look()).rejects.toThrow(/grant get, list and watch on pods/);
	});

	it("leave no watch behind", async () => {
		api.put(slice("10.0.0.1"));
		const watched = watching(kubernetesProvider(api.url, WANTED), "k8s:///shop/web");
		await waitUntil("both are watched", () => api.open === 1 && pods.open === 1);
		watched.abort();
		await waitUntil("no watch is left", () => api.open + pods.open === 0);
	});
});

describe("a pod with addresses of both families", () => {
	const both = (address: string, family: string, pod = "web-1") =>
		sliceObject("web", {
			name: `web-${family}-${pod}`,
			addressType: family,
			endpoints: [{ addresses: [address], targetRef: { kind: "Pod", name: pod, uid: `uid-${pod}` } }],
		});

	const found = (watched: Watched) =>
		watched.told.list.map((e) => [addressOf(e), ...(e.additionalAddresses ?? []).map(addressOf)].join("+")).join(" ");

	it("is one endpoint, and a pod with one of them, too", async () => {
		api.put(both("10.0.0.1", "IPv4"));
		api.put(both("fd00::1", "IPv6"));
		api.put(both("fd00::2", "IPv6", "web-2"));
		using watched = watching(kubernetesProvider(api.url, { addressFamily: "both" }), "k8s:///shop/web");
		const is = (expected: string) =>
			waitUntil(`it is ${expected}`, () => found(watched) === expected || Promise.reject(new Error(found(watched))));
		await is("10.0.0.1:80+[fd00::1]:80 [fd00::2]:80");
		api.delete(both("10.0.0.1", "IPv4"));
		await is("[fd00::1]:80 [fd00::2]:80");
		api.put(both("10.0.0.2", "IPv4", "web-2"));
		await is("10.0.0.2:80+[fd00::2]:80 [fd00::1]:80");
	});

	it("has one address where one family is wanted", async () => {
		api.put(both("10.0.0.1", "IPv4"));
		api.put(both("fd00::1", "IPv6"));
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is there", () => found(watched) === "10.0.0.1:80");
	});
});
