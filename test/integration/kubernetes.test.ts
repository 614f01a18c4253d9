import { copyFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countedRequests, createObject, deployed, grantSlices } from "../../lab/kube-access.js";
import { describeKubeApi } from "../../lab/kube-api.js";
import { KubeLab, WatchedTarget } from "../../lab/kube-lab.js";
import { collectionOf } from "../../lab/kube-manifest.js";
import { sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";
import { addressOf } from "../../src/model/endpoint.js";
import { kubernetesKind } from "../../src/providers/kubernetes/kubernetes-kind.js";
import { Registry } from "../../src/providers/registry.js";
import { ServiceNotFound } from "../../src/util/errors.js";
import { tempFolder } from "../util/temp-folder.js";

const { signal } = new AbortController();

describeKubeApi("the Kubernetes provider with a real API server", () => {
	let lab: KubeLab;

	beforeAll(async () => {
		lab = await KubeLab.start();
	});

	afterAll(async () => {
		await lab?.[Symbol.asyncDispose]();
	});

	it("takes labels and weights of pods once it may read them, and says which right lacks before", async () => {
		const of = (pod: string, address: string, addressType: string) =>
			sliceObject("podded", {
				name: `podded-${addressType.toLowerCase()}`,
				addressType,
				endpoints: [{ addresses: [address], targetRef: { kind: "Pod", namespace: "shop", name: pod, uid: uids[pod] } }],
			});
		const uids: Record<string, string> = {};
		const put = async (name: string, version: string, weight: string) => {
			const made = (await lab.api.call("POST", "/api/v1/namespaces/shop/pods", {
				apiVersion: "v1",
				kind: "Pod",
				metadata: { name, labels: { version }, annotations: { "fingerpost.io/weight": weight } },
				spec: { containers: [{ name: "web", image: "web" }], automountServiceAccountToken: false },
			})) as { metadata: { uid: string } };
			uids[name] = made.metadata.uid;
		};
		await lab.api.call("POST", "/api/v1/namespaces/shop/serviceaccounts", { metadata: { name: "default" } });
		await put("pod-a", "v1", "30");
		await lab.api.put(of("pod-a", "10.0.0.1", "IPv4"));
		await lab.api.put(of("pod-a", "fd00::1", "IPv6"));
		const registry = lab.registry({
			podLabels: ["version"],
			weightAnnotation: "fingerpost.io/weight",
			addressFamily: "both",
		});
		using watched = new WatchedTarget(registry, "k8s:///shop/podded");
		await watched.is("synced: 10.0.0.1:80");
		expect(watched.watch.notes.join()).toMatch(
			/pods in the namespace "shop" is forbidden: grant get, list and watch on pods/,
		);
		await using owned = new AsyncDisposableStack();
		for (const object of await deployed("options/rbac-pods.yaml")) {
			await createObject(lab.api, object);
			const path = `${collectionOf(object)}/${object.metadata.name}`;
			// The other tests need no more than what rbac.yaml grants.
			owned.defer(async () => void (await lab.api.call("DELETE", path)));
		}
		await waitUntil("it has what the pod says", () => watched.watch.endpoints?.[0]?.weight === 30, { timeout: 90_000 });
		expect(watched.watch.endpoints).toMatchObject([
			{ weight: 30, metadata: { version: "v1" }, additionalAddresses: [{ address: "fd00::1", port: 80 }] },
		]);
		expect(watched.watch.notes).toEqual([]);
	}, 180_000);

	it("finds several slices, both families, ports by name and number, all conditions", async () => {
		await lab.createNamespace("all");
		const web = (name: string, parts: Parameters<typeof sliceObject>[1]) =>
			lab.api.put(sliceObject("web", { name, namespace: "all", ...parts }));
		const ports = ["http:8080", "grpc:9090", "dns:53/UDP"];
		const placed = { zone: "eu-1a", nodeName: "node-a", hints: { forZones: [{ name: "eu-1b" }] } };
		await web("web-1", {
			ports,
			labels: { track: "stable" },
			endpoints: [
				{ addresses: ["10.0.0.1"], conditions: { ready: true }, hostname: "web-0", ...placed },
				"10.0.0.2 !ready serving terminating",
				"10.0.0.3 !ready !serving terminating",
				"10.0.0.4 !ready !serving !terminating",
				"10.0.0.5",
			],
		});
		await web("web-2", { ports, labels: { track: "canary" }, endpoints: ["10.0.0.6 ready"] });
		await web("web-3", { ports: ["admin:9901"], endpoints: ["10.0.0.7"] });
		await web("web-4", { ports, addressType: "FQDN", endpoints: ["web.example.org"] });
		await web("web-6", { ports, addressType: "IPv6", endpoints: ["fd00::1", "fd00::2 !ready"] });
		const [four, six] = [lab.registry({ region: "eu" }), lab.registry({ addressFamily: "prefer-ipv6" })];
		const [both, kept] = [lab.registry({ addressFamily: "both" }), lab.registry({ notReady: "unhealthy" })];
		using named = new WatchedTarget(four, "k8s:///all/web:http");
		using numbered = new WatchedTarget(four, "k8s:///all/web:9090");
		using unclear = new WatchedTarget(four, "k8s:///all/web");
		using canary = new WatchedTarget(four, "k8s:///all/web:grpc?labelSelector=track=canary");
		using sixth = new WatchedTarget(six, "k8s:///all/web:http");
		using dual = new WatchedTarget(both, "k8s:///all/web:grpc");
		using unhealthy = new WatchedTarget(kept, "k8s:///all/web:http");
		// In canonical order: those without a zone first.
		await named.is("synced: 10.0.0.2:8080 draining, 10.0.0.5:8080, 10.0.0.6:8080, 10.0.0.1:8080");
		await numbered.is("synced: 10.0.0.2:9090 draining, 10.0.0.5:9090, 10.0.0.6:9090, 10.0.0.1:9090");
		await canary.is("synced: 10.0.0.6:9090");
		await sixth.is("synced: [fd00::1]:8080");
		await dual.is("synced: 10.0.0.2:9090 draining, 10.0.0.5:9090, 10.0.0.6:9090, [fd00::1]:9090, 10.0.0.1:9090");
		await unhealthy.is(
			"synced: 10.0.0.2:8080 draining, 10.0.0.3:8080 unhealthy, 10.0.0.4:8080 unhealthy, 10.0.0.5:8080, 10.0.0.6:8080, 10.0.0.1:8080",
		);
		await unclear.is("failed: ");
		expect(unclear.errors).toEqual([
			"all/web has several ports: admin (9901), grpc (9090), http (8080); name one in the target: k8s:///all/web:PORT",
		]);
		expect(named.watch.notes).toEqual([
			"web-4 is left out: its addresses are of the type FQDN, not IP addresses",
			'web-3 is left out: it has no TCP port "http"; there is admin (9901)',
			"10.0.0.3:8080 is left out: it is terminating and no longer serving",
			"10.0.0.4:8080 is left out: it is not ready",
		]);
		const first = named.watch.endpoints?.find(({ address }) => address === "10.0.0.1");
		expect(first).toMatchObject({
			hostname: "web-0",
			locality: { region: "eu", zone: "eu-1a", subZone: "" },
			metadata: { node: "node-a", zoneHints: "eu-1b" },
			origin: { target: "k8s:///all/web:http", object: "all/web-1", revision: expect.stringMatching(/^\d+$/) },
		});
	});

	it("follows slices that are changed, added, deleted and created again", async () => {
		await lab.createNamespace("live");
		const slice = (last: string, parts = {}) =>
			sliceObject("web", { name: `web-${last}`, namespace: "live", endpoints: [`10.0.0.${last}`], ...parts });
		const it = lab.registry();
		await expect(it.discover("k8s:///live/web", { signal })).rejects.toThrow(ServiceNotFound);
		using web = new WatchedTarget(it, "k8s:///live/web");
		await web.is("synced: ");
		await lab.api.put(slice("1"));
		await web.is("synced: 10.0.0.1:80");
		const at = "2026-11-24T10:00:00Z";
		await lab.api.put(slice("2", { annotations: { "endpoints.kubernetes.io/last-change-trigger-time": at } }));
		await web.is("synced: 10.0.0.1:80, 10.0.0.2:80");
		expect(web.watch.status.changedAt).toEqual(new Date(at));
		await lab.api.put(slice("1", { endpoints: ["10.0.0.1 !ready serving terminating"] }));
		await web.is("synced: 10.0.0.1:80 draining, 10.0.0.2:80");
		expect((await it.discover("k8s:///live/web", { signal })).map(addressOf).sort()).toEqual([
			"10.0.0.1:80",
			"10.0.0.2:80",
		]);
		await lab.api.delete(slice("1"));
		await web.is("synced: 10.0.0.2:80");
		await lab.api.delete(slice("2"));
		await web.is("synced: ");
		await lab.api.put(slice("2", { endpoints: ["10.0.0.9"] }));
		await web.is("synced: 10.0.0.9:80");
		expect([web.states.length, web.errors]).toEqual([7, []]);
	});

	it("needs exactly what deploy/kubernetes/rbac.yaml grants, and the other manifests are valid", async () => {
		await lab.api.put(sliceObject("checkout", { endpoints: ["10.0.0.1"], ports: ["grpc:9090"] }));
		using checkout = new WatchedTarget(lab.registry(), "k8s:///shop/checkout:grpc");
		await checkout.is("synced: 10.0.0.1:9090");
		const allowed: string[] = [];
		const slices = { group: "discovery.k8s.io", resource: "endpointslices" };
		for (const resourceAttributes of [
			...["get", "list", "watch", "create", "update", "patch", "delete"].map((verb) => ({ ...slices, verb })),
			{ ...slices, verb: "list", namespace: "default" },
			...["services", "pods", "endpoints", "secrets"].map((resource) => ({ resource, verb: "list" })),
		]) {
			const spec = { resourceAttributes: { namespace: "shop", ...resourceAttributes } };
			const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
			const { status } = (await lab.api.call("POST", path, { spec }, lab.token)) as { status: { allowed: boolean } };
			if (status.allowed) allowed.push(`${resourceAttributes.verb} ${resourceAttributes.resource}`);
		}
		expect(allowed).toEqual(["get endpointslices", "list endpointslices", "watch endpointslices"]);
		for (const file of ["deployment.yaml", "service.yaml", "options/network-policy.yaml", "options/pre-stop.yaml"]) {
			for (const object of await deployed(file)) await createObject(lab.api, object, { dryRun: true });
		}
	});

	it("tells the right that is missing, and takes it up once it is granted", async () => {
		await lab.api.createNamespace("closed");
		await lab.api.put(sliceObject("web", { namespace: "closed", endpoints: ["10.0.0.1"] }));
		using web = new WatchedTarget(lab.registry(), "k8s:///closed/web");
		await web.is("failed: ");
		expect(web.errors[0]).toMatch(
			/^list endpointslices\.discovery\.k8s\.io in the namespace "closed" is forbidden: grant get, list and watch on endpointslices in the apiGroup discovery\.k8s\.io, as deploy\/kubernetes\/rbac\.yaml does \(.*"system:serviceaccount:fingerpost:fingerpost" cannot list/,
		);
		await grantSlices(lab.api, "closed");
		await web.is("synced: 10.0.0.1:80");
	});

	it("goes on with idle watches without a list, as the server itself counts", async () => {
		await lab.createNamespace("idle");
		const [lists, watches] = [await countedRequests(lab.api, "LIST"), await countedRequests(lab.api, "WATCH")];
		const it = lab.registry({ timing: { watch: [4_000, 4_000] } });
		using web = new WatchedTarget(it, "k8s:///idle/web");
		using cart = new WatchedTarget(it, "k8s:///idle/cart");
		await waitUntil("two watches are over", async () => (await countedRequests(lab.api, "WATCH")) >= watches + 2, {
			interval: 200,
		});
		await lab.api.put(sliceObject("web", { namespace: "idle", endpoints: ["10.0.0.1"] }));
		await web.is("synced: 10.0.0.1:80");
		expect(await countedRequests(lab.api, "LIST")).toBe(lists + 1);
		expect([web.errors, cart.errors]).toEqual([[], []]);
	});

	it("watches 1,000 services with one list and one watch; a slice's change is told to its service only", async () => {
		await lab.createNamespace("many");
		const slice = (i: number, last = 1) =>
			sliceObject(`s${i}`, { namespace: "many", endpoints: [`10.0.${i >> 8}.${i & 255}`, `10.1.0.${last}`] });
		const left = Array.from({ length: 1_000 }, (_, i) => i);
		const worker = async () => {
			for (let i = left.pop(); i !== undefined; i = left.pop()) await lab.api.put(slice(i));
		};
		await Promise.all(Array.from({ length: 20 }, worker));
		const lists = await countedRequests(lab.api, "LIST");
		// Without confirmations, what is told is what changed.
		const it = lab.registry({ timing: { confirm: 600_000 } });
		const controller = new AbortController();
		const told = Array.from({ length: 1_000 }, () => 0);
		const begun = performance.now();
		for (let i = 0; i < 1_000; i++) {
			const target = it.parse(`k8s:///many/s${i}`);
			const observer = {
				endpoints: (list: readonly unknown[]) => {
					if (list.length === 2) told[i] = (told[i] ?? 0) + 1;
				},
				failed: () => {
					told[i] = Number.NaN;
				},
			};
			it.provider(target).watch(target, observer, { signal: controller.signal });
		}
		try {
			await waitUntil("all are told", () => told.every((times) => times === 1));
			console.info(`1,000 services synced in ${Math.round(performance.now() - begun)} ms`);
			// Two pages of 500.
			expect(await countedRequests(lab.api, "LIST")).toBe(lists + 2);
			const changed = performance.now();
			await lab.api.put(slice(500, 2));
			await waitUntil("the change is told", () => told[500] === 2, { interval: 1 });
			console.info(`a change told ${Math.round(performance.now() - changed)} ms after it was asked for`);
			await lab.api.put(slice(501, 2));
			await waitUntil("the next change is told", () => told[501] === 2);
			expect(told.reduce((sum, times) => sum + times, 0)).toBe(1_002);
		} finally {
			controller.abort();
		}
	});

	it("takes a kubeconfig, and refuses an API server that its authority does not vouch for", async () => {
		await lab.api.put(sliceObject("config", { endpoints: ["10.0.0.1"] }));
		await using folder = await tempFolder();
		const write = async (name: string, cluster: Readonly<Record<string, unknown>>) => {
			const config = {
				...{ apiVersion: "v1", kind: "Config", "current-context": "lab" },
				clusters: [{ name: "lab", cluster: { server: lab.api.url, ...cluster } }],
				users: [{ name: "fingerpost", user: { token: lab.token } }],
				contexts: [{ name: "lab", context: { cluster: "lab", user: "fingerpost" } }],
			};
			await writeFile(folder.file(name), JSON.stringify(config));
			const provider = kubernetesKind.create(kubernetesKind.options.parse({ kubeconfig: folder.file(name) }));
			return new Registry().register("k8s", provider);
		};
		await copyFile(lab.api.caFile, folder.file("authority.crt"));
		// A path in a kubeconfig begins at its folder.
		const good = await write("good", { "certificate-authority": "authority.crt" });
		expect((await good.discover("k8s:///shop/config", { signal })).map(addressOf)).toEqual(["10.0.0.1:80"]);
		const strange = await write("strange", {});
		await expect(strange.discover("k8s:///shop/config", { signal })).rejects.toThrow(
			/^cannot list .* in the namespace "shop": .*certificate/,
		);
	});

	it("leaves no connection behind", async () => {
		const count = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
		const it = lab.registry();
		const before = count();
		{
			using web = new WatchedTarget(it, "k8s:///live/web");
			using other = new WatchedTarget(it, "k8s:///all/web:http");
			for (const { watch } of [web, other]) {
				await waitUntil("it is synced", () => watch.status.state === "synced");
				it.refresh(watch.target);
			}
			expect(count()).toBeGreaterThan(before);
		}
		await waitUntil("all is freed", () => count() <= before);
	});
});
