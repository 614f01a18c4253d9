import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { ControlPlane } from "../../../src/app/control-plane.js";
import { Registry } from "../../../src/providers/registry.js";
import { kubernetesProvider } from "./watching.js";

let api: FakeKubeApi;

beforeEach(async () => {
	api = await FakeKubeApi.start();
});

afterEach(async () => {
	await api[Symbol.asyncDispose]();
});

it("a misspelt Service, namespace or port is a note of the service that is served", async () => {
	api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
	const registry = new Registry().register("cluster", kubernetesProvider(api.url, {}, { confirm: 200 }));
	const services = {
		typo: "cluster:///shop/wbe",
		nowhere: "cluster:///shpo/web",
		port: "cluster:///shop/web:grpc",
		far: "cluster:///shop/payments",
	};
	const nowhere = { xds: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } };
	await using controlPlane = new ControlPlane({ ...nowhere, services }, { registry });
	const { admin } = await controlPlane.start();
	const notes = async (name: string) => {
		const response = await fetch(`http://127.0.0.1:${admin.port}/api/v1/services/${name}`);
		const { state, notes } = (await response.json()) as { state: string; notes: readonly string[] };
		return [state, ...notes].join(": ");
	};
	const synced = async (name: string) => (await notes(name)).startsWith("synced");
	await waitUntil("all are known", async () => (await Promise.all(Object.keys(services).map(synced))).every(Boolean));
	expect(await notes("typo")).toContain(
		'no EndpointSlice of a service "wbe" in the namespace "shop"; did you mean "web"?',
	);
	expect(await notes("nowhere")).toContain('namespace "shpo", nor of any other: is there such a namespace?');
	expect(await notes("port")).toMatch(/web-\w+ is left out: it has no TCP port "grpc"; there is /);
	expect(await notes("far")).toMatch(/"payments" in the namespace "shop"$/);
	// What there is now, not what there was when it was looked for.
	api.put({ ...sliceObject("payment", { endpoints: ["10.0.0.2"] }) });
	await waitUntil("the near name is told", async () => (await notes("far")).endsWith('did you mean "payment"?'));
});
