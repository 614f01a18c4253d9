import { beforeEach, describe, expect, it } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { kubernetesKind } from "../../../src/providers/kubernetes/kubernetes-kind.js";
import type { KubernetesProvider } from "../../../src/providers/kubernetes/kubernetes-provider.js";
import type { FoundService } from "../../../src/providers/provider.js";
import { kubernetesProvider, toldLast, watching } from "./watching.js";

describe("the target of a whole registry", () => {
	const problem = (text: string) => kubernetesKind.checkAll?.(parseTarget(text));

	it.each([
		"k8s:///shop/*",
		"k8s:///shop/*:http",
		"k8s:///shop/*:8080",
		"k8s:///*/*:http",
		"k8s:///shop/*?labelSelector=a%3Db",
	])("may be %s", (text) => expect(problem(text)).toBeUndefined());

	const form = "k8s:///namespace/*:port, or k8s:///*/*:port for all namespaces";
	it.each([
		["k8s:///shop/web", `it names one service; expected ${form}`],
		["k8s:///*/web", `it names one service; expected ${form}`],
		["k8s:///shop", `expected ${form}`],
		["k8s:///Shop/*", `"Shop" is not a name of a namespace; expected ${form}`],
		["k8s:///shop/*:0", "0 is not a port; expected the Service port's name, or the pods' port number from 1 to 65535"],
		["k8s:///shop/*?x=1", 'unknown option "x"; the only one is labelSelector'],
	])("may not be %s", (text, expected) => expect(problem(text)).toBe(expected));

	it("is none of a service's", () => {
		expect(kubernetesKind.check(parseTarget("k8s:///shop/*:http"))).toContain('"*" is not a name of a service');
	});
});

describe("a watch of a whole registry", () => {
	let api: FakeKubeApi;
	let provider: KubernetesProvider;

	beforeEach(async () => {
		api = await FakeKubeApi.start();
		provider = kubernetesProvider(api.url);
		return () => api[Symbol.asyncDispose]();
	});

	const web = (...addresses: string[]) => sliceObject("web", { ports: ["http:8080"], endpoints: addresses });
	const cart = sliceObject("cart", { ports: ["http:8080", "grpc:9090"], endpoints: ["10.0.1.1 ready"] });

	interface All extends Disposable {
		readonly lists: (readonly FoundService[])[];
		readonly notes: readonly string[];
		readonly errors: string[];
		/** The targets of the last list. */
		targets(): string;
	}

	function all(text: string): All {
		const controller = new AbortController();
		const told = {
			lists: [] as (readonly FoundService[])[],
			notes: [] as readonly string[],
			errors: [] as string[],
			targets: () =>
				(told.lists.at(-1) ?? [])
					.map(({ target }) => target)
					.sort()
					.join(" "),
			[Symbol.dispose]: () => controller.abort(),
		};
		const observer = {
			services(list: readonly FoundService[], details?: { readonly notes?: readonly string[] }) {
				told.lists.push(list);
				told.notes = details?.notes ?? [];
			},
			failed: ({ message }: Error) => void told.errors.push(message),
		};
		provider.watchAll(parseTarget(text), observer, { signal: controller.signal });
		return told;
	}

	async function hasTargets(told: All, ...expected: string[]): Promise<void> {
		const seen = () => Promise.reject(new Error([told.targets(), ...told.errors].join("\n")));
		await waitUntil(`there is ${expected}`, () => told.targets() === expected.join(" ") || seen());
	}

	it("tells its services, and what comes and goes", async () => {
		api.replace(web("10.0.0.1 ready"), cart);
		using told = all("k8s:///shop/*:http");
		await hasTargets(told, "k8s:///shop/cart:http", "k8s:///shop/web:http");
		expect(told.lists.at(-1)).toContainEqual({
			...{ service: "web", namespace: "shop", port: "http", target: "k8s:///shop/web:http" },
		});
		api.put(sliceObject("new", { ports: ["http:8080"] }));
		await hasTargets(told, "k8s:///shop/cart:http", "k8s:///shop/new:http", "k8s:///shop/web:http");
		api.delete(cart);
		await hasTargets(told, "k8s:///shop/new:http", "k8s:///shop/web:http");
		expect(told.errors).toEqual([]);
		expect(api.count("watch")).toBe(1);
	});

	it("says nothing of endpoints that change", async () => {
		api.replace(web("10.0.0.1 ready"));
		using told = all("k8s:///shop/*:http");
		await hasTargets(told, "k8s:///shop/web:http");
		const before = told.lists.at(-1);
		api.put(web("10.0.0.2 ready"));
		api.put(sliceObject("new", { ports: ["http:8080"] }));
		await hasTargets(told, "k8s:///shop/new:http", "k8s:///shop/web:http");
		// The very same object: whoever compares finds at once what is new.
		expect(told.lists.at(-1)?.[0]).toBe(before?.[0]);
		expect(told.lists).toHaveLength(2);
	});

	it("has one list and one watch with the targets that it tells of", async () => {
		api.replace(web("10.0.0.1 ready"), cart);
		using told = all("k8s:///shop/*:http");
		await hasTargets(told, "k8s:///shop/cart:http", "k8s:///shop/web:http");
		using one = watching(provider, "k8s:///shop/web:http");
		expect(one.told.last).toMatch(/10\.0\.0\.1:8080/);
		api.put(web("10.0.0.2 ready"));
		await toldLast(one, /10\.0\.0\.2:8080/);
		expect([api.count("list"), api.count("watch")]).toEqual([1, 1]);
	});

	it("of all namespaces serves the targets of each", async () => {
		const other = sliceObject("web", { namespace: "other", ports: ["http:8080"], endpoints: ["10.9.0.1 ready"] });
		api.replace(web("10.0.0.1 ready"), other);
		using told = all("k8s:///*/*:http");
		await hasTargets(told, "k8s:///other/web:http", "k8s:///shop/web:http");
		using one = watching(provider, "k8s:///other/web:http");
		using two = watching(provider, "k8s:///shop/web:http");
		expect([one.told.last, two.told.last]).toEqual([
			expect.stringContaining("10.9.0.1:8080"),
			expect.stringContaining("10.0.0.1:8080"),
		]);
		expect(api.requests.map(({ namespace }) => namespace)).not.toContain("shop");
		// The registry ends, the targets go on.
		told[Symbol.dispose]();
		api.put(web("10.0.0.2 ready"));
		await toldLast(two, /10\.0\.0\.2:8080/);
	});

	it("of all namespaces that is refused leaves the targets of a namespace alone", async () => {
		api.replace(web("10.0.0.1 ready"));
		api.react = ({ namespace }) => (namespace === "*" ? { status: 403, message: "no" } : undefined);
		using told = all("k8s:///*/*:http");
		await waitUntil("it is refused", () => told.errors.length > 0);
		expect(told.errors[0]).toContain("in all namespaces");
		using one = watching(provider, "k8s:///shop/web:http");
		await toldLast(one, /10\.0\.0\.1:8080/);
		expect(told.lists).toEqual([]);
	});

	it("tells that a service is gone before its target is empty", async () => {
		api.replace(web("10.0.0.1 ready"), cart);
		using told = all("k8s:///shop/*:http");
		await hasTargets(told, "k8s:///shop/cart:http", "k8s:///shop/web:http");
		const order: string[] = [];
		const { signal } = new AbortController();
		provider.watch(
			parseTarget("k8s:///shop/web:http"),
			{ endpoints: (list) => order.push(`${list.length} endpoints`), failed: () => {} },
			{ signal },
		);
		const registry = {
			services: (list: readonly FoundService[]) => order.push(`${list.length} services`),
			failed: () => {},
		};
		provider.watchAll(parseTarget("k8s:///shop/*:http"), registry, { signal });
		api.delete(web());
		await waitUntil("it is gone", () => order.at(-1) === "0 endpoints");
		expect(order).toEqual(["1 endpoints", "2 services", "1 services", "0 endpoints"]);
	});

	it("keeps a service whose last pod is gone: its slice has no ports then", async () => {
		api.replace(web("10.0.0.1 ready"));
		using told = all("k8s:///shop/*:http");
		await hasTargets(told, "k8s:///shop/web:http");
		api.put(sliceObject("web", { ports: [] }));
		api.put(sliceObject("new", { ports: ["http:8080"] }));
		await hasTargets(told, "k8s:///shop/new:http", "k8s:///shop/web:http");
	});

	it("leaves out what has not the port, or several and none is named, and says so", async () => {
		api.replace(
			web("10.0.0.1 ready"),
			cart,
			sliceObject("dns", { ports: ["dns:53/UDP"], endpoints: ["10.0.2.1 ready"] }),
		);
		using grpc = all("k8s:///shop/*:grpc");
		await hasTargets(grpc, "k8s:///shop/cart:grpc");
		expect(grpc.notes).toEqual(['left out, as they have no TCP port "grpc": shop/dns, shop/web']);
		using any = all("k8s:///shop/*");
		await hasTargets(any, "k8s:///shop/web");
		expect(any.lists.at(-1)?.[0]).toMatchObject({ port: "http" });
		expect(any.notes).toEqual([
			"shop/cart is left out: it has several ports: grpc (9090), http (8080); name one in the target",
			"left out, as they have no TCP port: shop/dns",
		]);
	});

	it("selects by labels, and its targets do", async () => {
		api.replace(
			sliceObject("web", { labels: { mesh: "yes" }, ports: ["http:1"] }),
			sliceObject("cart", { ports: ["http:1"] }),
		);
		using told = all("k8s:///shop/*:http?labelSelector=mesh%3Dyes");
		await hasTargets(told, "k8s:///shop/web:http?labelSelector=mesh%3Dyes");
	});

	it("keeps its services while the API server fails, and finds what changed meanwhile", async () => {
		api.replace(web("10.0.0.1 ready"), cart);
		using told = all("k8s:///shop/*:http");
		await hasTargets(told, "k8s:///shop/cart:http", "k8s:///shop/web:http");
		api.react = () => ({ status: 500 });
		api.endWatches("break");
		await waitUntil("it fails", () => told.errors.length > 0);
		expect(told.targets()).toBe("k8s:///shop/cart:http k8s:///shop/web:http");
		api.replace(web("10.0.0.1 ready"));
		api.compact();
		api.react = () => undefined;
		await hasTargets(told, "k8s:///shop/web:http");
	});

	it("that nobody has says that it is empty", async () => {
		using told = all("k8s:///shop/*:http");
		await waitUntil("it is told", () => told.lists.length > 0);
		expect(told.lists[0]).toEqual([]);
	});

	it("frees all at its end", async () => {
		api.replace(web("10.0.0.1 ready"));
		const told = all("k8s:///*/*:http");
		await hasTargets(told, "k8s:///shop/web:http");
		told[Symbol.dispose]();
		await waitUntil("the connection is closed", async () => (await api.connections) === 0);
		expect(api.open).toBe(0);
	});
});
