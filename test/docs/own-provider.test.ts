import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeListServer } from "../../lab/fake-list-server.js";
import { loadConfig } from "../../src/config/load.js";
import type { Provider } from "../../src/providers/provider.js";
import { ProviderSet } from "../../src/providers/provider-set.js";
import { Registry } from "../../src/providers/registry.js";
import { providerSuite } from "../providers/suite.js";
import { tempFolder } from "../util/temp-folder.js";

const ROOT = join(import.meta.dirname, "../..");

let folder: Awaited<ReturnType<typeof tempFolder>>;

beforeAll(async () => {
	folder = await tempFolder();
	await writeFile(folder.file("corp.mjs"), await moduleOfPage());
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The module that docs/providers/write-your-own.md shows. */
async function moduleOfPage(): Promise<string> {
	const page = await readFile(join(ROOT, "docs/providers/write-your-own.md"), "utf8");
	return /^```js\n(.*?)^```$/ms.exec(page)?.[1] ?? "";
}

/** What `serve` would make of the settings. */
async function registryOf(settings: object): Promise<Registry> {
	const registry = new Registry();
	const file = folder.file(`config-${Math.random()}.json`);
	await writeFile(file, JSON.stringify({ providers: { own: settings }, services: {} }));
	new ProviderSet(registry).apply((await loadConfig(file, { registry, env: {} })).providers);
	return registry;
}

it("the module on the page has less than 60 lines", async () => {
	const lines = (await moduleOfPage()).split("\n").length;
	expect(lines).toBeGreaterThan(20);
	expect(lines).toBeLessThan(60);
});

providerSuite("the module on the page", {
	async start() {
		const server = await FakeListServer.start();
		const address = `http://127.0.0.1:${server.port}`;
		const registry = await registryOf({ module: "./corp.mjs", address, interval: 50 });
		return {
			provider: registry.find("own") as Provider,
			target: (n) => `own:///web-${n}`,
			set: (n, addresses) => server.set(`/web-${n}.json`, addresses),
			fail() {
				server.react = () => ({ status: 500 });
				server.breakAll();
			},
			recover() {
				server.react = () => undefined;
			},
			fallSilent() {
				server.react = () => ({ silent: true });
				server.mute();
			},
			requests: () => server.requests.length,
			[Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
		};
	},
	invalid: "own:///Web/",
	// fetch has a clock of its own.
	holdsClock: false,
});

describe("the examples of providers", () => {
	let server: Server;
	const asked: string[] = [];
	/** Answers in the form that the APIs are documented with, of the versions that write-your-own.md names, by what is asked. */
	const answers: Record<string, unknown> = {};

	beforeAll(async () => {
		server = createServer((request, response) => {
			const key = request.headers["x-amz-target"] ?? request.url ?? "";
			asked.push(`${request.method} ${key} ${request.headers.authorization ?? ""}`);
			const answer = answers[String(key)];
			response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
			response.end(JSON.stringify(answer ?? {}));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	});
	afterAll(() => new Promise((resolve) => void server.close(resolve).closeAllConnections()));

	const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const example = (name: string) => join(ROOT, "examples/providers", name);

	async function found(registry: Registry, text: string): Promise<readonly unknown[]> {
		const end = new AbortController();
		try {
			return await new Promise((resolve, reject) => {
				const target = { ...registry.parse("own:///x"), text, path: new URL(text).pathname };
				registry.find("own")?.watchAll?.(target, { services: resolve, failed: reject }, { signal: end.signal });
			});
		} finally {
			end.abort();
		}
	}

	it("find what Nacos has", async () => {
		const query = "namespaceId=public&serviceName=web&groupName=DEFAULT_GROUP";
		answers[`/nacos/v1/ns/instance/list?${query}`] = {
			name: "DEFAULT_GROUP@@web",
			hosts: [
				{
					ip: "10.0.0.1",
					port: 8080,
					weight: 0.5,
					healthy: true,
					enabled: true,
					metadata: { v: "1" },
					instanceId: "a",
				},
				{ ip: "10.0.0.2", port: 8080, weight: 1, healthy: false, enabled: true, metadata: {}, instanceId: "b" },
				{ ip: "10.0.0.3", port: 8080, weight: 1, healthy: true, enabled: false, metadata: {}, instanceId: "c" },
			],
		};
		answers["/nacos/v1/ns/service/list?namespaceId=public&pageNo=1&pageSize=500&groupName=DEFAULT_GROUP"] = {
			count: 2,
			doms: ["web", "cart"],
		};
		const registry = await registryOf({ module: example("nacos.mjs"), address: `${url()}/nacos` });
		expect(await registry.discover("own:///web")).toMatchObject([
			{ address: "10.0.0.1", port: 8080, weight: 50, health: "healthy", metadata: { v: "1" } },
			{ address: "10.0.0.2", health: "unhealthy", weight: 100 },
		]);
		expect(await found(registry, "own:///*")).toEqual([
			{ service: "web", namespace: "public", target: "nacos:///web" },
			{ service: "cart", namespace: "public", target: "nacos:///cart" },
		]);
	});

	it("find what Eureka has", async () => {
		const instance = {
			...{ instanceId: "host-1:web:8080", hostName: "host-1", app: "WEB", ipAddr: "10.0.0.1", status: "UP" },
			...{ port: { $: 8080, "@enabled": "true" }, metadata: { zone: "eu-1a" }, lastDirtyTimestamp: "1700000000000" },
		};
		const down = { ...instance, instanceId: "host-2:web:8080", ipAddr: "10.0.0.2", status: "OUT_OF_SERVICE" };
		answers["/eureka/apps/WEB"] = { application: { name: "WEB", instance: [instance, down] } };
		answers["/eureka/apps/CART"] = { application: { name: "CART", instance } };
		answers["/eureka/apps"] = { applications: { application: [{ name: "WEB" }, { name: "CART" }] } };
		const registry = await registryOf({ module: example("eureka.mjs"), address: `${url()}/eureka` });
		expect(await registry.discover("own:///web")).toMatchObject([
			{ address: "10.0.0.1", port: 8080, health: "healthy", hostname: "host-1", locality: { zone: "eu-1a" } },
			{ address: "10.0.0.2", health: "draining" },
		]);
		expect(await registry.discover("own:///cart")).toHaveLength(1);
		await expect(registry.discover("own:///none")).rejects.toMatchObject({ code: "SERVICE_NOT_FOUND" });
		expect(await found(registry, "own:///*")).toEqual([
			{ service: "web", target: "eureka:///web" },
			{ service: "cart", target: "eureka:///cart" },
		]);
	});

	it("find what Cloud Map has, by signed requests", async () => {
		answers["Route53AutoNaming_v20170314.DiscoverInstances"] = {
			Instances: [
				{
					...{ InstanceId: "i-1", NamespaceName: "shop", ServiceName: "web", HealthStatus: "HEALTHY" },
					Attributes: { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_PORT: "8080", AVAILABILITY_ZONE: "eu-central-1a" },
				},
			],
		};
		const registry = await registryOf({ module: example("cloud-map.mjs"), region: "eu-central-1", address: url() });
		await expect(registry.discover("own:///shop/web")).rejects.toThrow("set AWS_ACCESS_KEY_ID");
		process.env.AWS_ACCESS_KEY_ID = "AKID";
		process.env.AWS_SECRET_ACCESS_KEY = "secret";
		try {
			expect(await registry.discover("own:///shop/web")).toMatchObject([
				{
					address: "10.0.0.1",
					port: 8080,
					health: "healthy",
					locality: { region: "eu-central-1", zone: "eu-central-1a" },
				},
			]);
		} finally {
			delete process.env.AWS_ACCESS_KEY_ID;
			delete process.env.AWS_SECRET_ACCESS_KEY;
		}
		expect(asked.at(-1)).toMatch(
			/AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/servicediscovery\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
		);
	});
});
