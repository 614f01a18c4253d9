import { afterEach, expect, it } from "vitest";
import { Consul, describeConsul } from "../../lab/consul.js";
import { describeEtcd, Etcd } from "../../lab/etcd.js";
import { describeKubeApi } from "../../lab/kube-api.js";
import { KubeLab } from "../../lab/kube-lab.js";
import { sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import type { ConfigInput } from "../../src/config/schema.js";
import { addressOf } from "../../src/model/endpoint.js";
import { Registry } from "../../src/providers/registry.js";

let controlPlane: ControlPlane | undefined;
let admin = 0;

afterEach(() => controlPlane?.stop());

async function serve(providers: object, discover: ConfigInput["discover"], registry = new Registry()): Promise<void> {
	const config: ConfigInput = {
		xds: { listen: "127.0.0.1:0" },
		admin: { listen: "127.0.0.1:0" },
		removalGrace: "1s",
		providers: providers as NonNullable<ConfigInput["providers"]>,
		discover,
		services: {},
	};
	controlPlane = new ControlPlane(config, { registry });
	admin = (await controlPlane.start()).admin.port;
}

const get = async (path: string) => (await fetch(`http://127.0.0.1:${admin}/api/v1/${path}`)).json();

/** `NAME STATE`, by name. */
async function services(): Promise<string> {
	const { services: all } = (await get("services")) as { services: { name: string; state: string }[] };
	return all.map(({ name, state }) => `${name} ${state}`).join(", ");
}

async function endpoints(name: string): Promise<string> {
	const { items } = (await get(`services/${name}`)) as { items: { address: string; port: number }[] };
	return items.map(addressOf).join(" ");
}

async function until(expected: string): Promise<void> {
	let seen = "";
	const matches = async () => {
		seen = await services();
		return seen === expected || Promise.reject(new Error(seen));
	};
	await waitUntil(`the services are ${expected}`, matches);
}

describeKubeApi("a whole registry: a namespace of a real API server", () => {
	it("is served as its services come and go", async () => {
		await using kube = await KubeLab.start();
		const web = (...hosts: string[]) =>
			sliceObject("web", { ports: ["http:8080"], endpoints: hosts.map((host) => `${host} ready`) });
		await kube.api.put(web("10.0.0.1"));
		await serve({}, [{ target: "k8s:///shop/*:http", name: "{service}.{namespace}" }], kube.registry());
		await until("web.shop synced");
		await kube.api.put(sliceObject("cart", { ports: ["http:8080"], endpoints: ["10.0.1.1 ready"] }));
		await until("cart.shop synced, web.shop synced");
		await kube.api.put(web("10.0.0.2"));
		await waitUntil("the new address is there", async () => (await endpoints("web.shop")) === "10.0.0.2:8080");
		await kube.api.delete(web());
		await until("cart.shop synced, web.shop removing");
		expect(await endpoints("web.shop")).toBe("10.0.0.2:8080");
		await until("cart.shop synced");
	});
});

describeConsul("a whole registry: a real Consul", () => {
	it("is served as its services come and go, those with the tag", async () => {
		await using consul = await Consul.start();
		const more = { Tags: ["Mesh"] };
		await consul.put({ service: "web", port: 8001, more });
		await consul.put({ service: "other", port: 8002 });
		await serve({ consul: { address: consul.url } }, [
			{ target: "consul:///*?tag=mesh", name: "{service}.{datacenter}" },
		]);
		await until("web.dc1 synced");
		expect(await endpoints("web.dc1")).toBe("127.0.0.1:8001");
		await consul.put({ service: "cart", port: 8003, more });
		await until("cart.dc1 synced, web.dc1 synced");
		await consul.delete({ service: "web", port: 8001 });
		await until("cart.dc1 synced, web.dc1 removing");
		expect(await endpoints("web.dc1")).toBe("127.0.0.1:8001");
		await until("cart.dc1 synced");
		expect(await get("registries")).toMatchObject({
			registries: [{ state: "synced", services: { found: 1, served: 1 }, notes: [] }],
		});
	});
});

describeEtcd("a whole registry: a prefix of a real etcd", () => {
	it("is served as its services come and go, by one watch", async () => {
		await using etcd = await Etcd.start();
		await etcd.put("services/web/1", "127.0.0.1:8001");
		await etcd.put("services/loose", "127.0.0.1:8009");
		await serve({ etcd: { endpoints: [etcd.url] } }, ["etcd:///services/*"]);
		await until("web synced");
		expect(await endpoints("web")).toBe("127.0.0.1:8001");
		await etcd.put("services/cart/1", "127.0.0.1:8003");
		await until("cart synced, web synced");
		await etcd.put("services/web/2", "127.0.0.1:8002");
		await waitUntil("the new key is there", async () => (await endpoints("web")) === "127.0.0.1:8001 127.0.0.1:8002");
		await etcd.delete("services/web/1");
		await waitUntil("the key is gone", async () => (await endpoints("web")) === "127.0.0.1:8002");
		await etcd.delete("services/web/2");
		await until("cart synced, web removing");
		expect(await endpoints("web")).toBe("127.0.0.1:8002");
		await until("cart synced");
		expect(await get("registries")).toMatchObject({
			registries: [{ notes: ["keys that are not services/SERVICE/…, and so left out: services/loose"] }],
		});
	});
});
