import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Consul, describeConsul } from "../../lab/consul.js";
import { describeEtcd, Etcd } from "../../lab/etcd.js";
import { FakeDns } from "../../lab/fake-dns.js";
import { FakeKubeApi } from "../../lab/fake-kube-api.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { ExplainJson } from "../../src/admin/explain/explain-json.js";

const explained = (server: Fingerpost, name: string) => server.api<ExplainJson>(`/services/${name}/explain`);

async function whenSynced(server: Fingerpost, name: string, ready: number): Promise<ExplainJson> {
	await waitUntil("it is served", async () => (await server.service(name)).endpoints.ready === ready);
	return explained(server, name);
}

describe("where an endpoint came from", () => {
	it("is the file and line, of the config too; what the file repeats is dropped", async () => {
		await using server = await Fingerpost.start({ services: { own: { endpoints: ["127.0.0.1:1", "127.0.0.1:2"] } } });
		const path = `${server.folder}/web.yaml`;
		await server.writeFile("web.yaml", "# web\n- 127.0.0.1:1\n\n- address: 127.0.0.1:2\n  weight: 5\n- 127.0.0.1:1\n");
		await server.setServices({ web: `file://${path}` });
		const { endpoints, dropped } = await whenSynced(server, "web", 2);
		const at = expect.stringMatching(/^\d{4}-/);
		expect(endpoints).toMatchObject([
			{ port: 1, target: `file://${path}`, object: path, revision: "line 2", at, rule: null },
			{ port: 2, target: `file://${path}`, object: path, revision: "line 4", at, rule: null },
		]);
		expect(dropped).toEqual([
			{ address: "127.0.0.1:1", target: `file://${path}`, object: null, reason: "it is a duplicate" },
		]);
		// The line is that of the file as it is now, though the endpoint is the same.
		await server.writeFile("web.yaml", "- 127.0.0.1:3\n- 127.0.0.1:1\n- address: 127.0.0.1:2\n  weight: 5\n");
		await whenSynced(server, "web", 3);
		const again = await explained(server, "web");
		expect(again.endpoints.map(({ port, revision }) => [port, revision])).toEqual([
			[1, "line 2"],
			[2, "line 3"],
			[3, "line 1"],
		]);
		const own = await explained(server, "own");
		const lines = (await readFile(server.configPath, "utf8")).split("\n");
		for (const { port, target, object, revision } of own.endpoints) {
			expect([target, object]).toEqual(["inline", server.configPath]);
			const line = lines[Number(revision?.replace("line ", "")) - 1];
			// The harness writes JSON, and that in one line.
			expect(line).toContain(`127.0.0.1:${port}`);
		}
	});

	it("is the slice and its resourceVersion, with its own time; what is not ready is dropped", async () => {
		await using api = await FakeKubeApi.start();
		const changed = "2026-11-24T04:44:22Z";
		api.put(
			sliceObject("web", {
				annotations: { "endpoints.kubernetes.io/last-change-trigger-time": changed },
				endpoints: ["10.0.0.1", "10.0.0.2 !ready"],
			}),
		);
		await using server = await Fingerpost.start({
			providers: { kubernetes: { server: api.url } },
			services: { web: "k8s:///shop/web" },
		});
		const { endpoints, dropped } = await whenSynced(server, "web", 1);
		expect(endpoints).toMatchObject([
			{
				...{ address: "10.0.0.1", target: "k8s:///shop/web", object: "shop/web-1" },
				...{ revision: String(api.revision), at: "2026-11-24T04:44:22.000Z" },
			},
		]);
		expect(dropped).toMatchObject([{ address: "10.0.0.2:80", reason: "it is not ready" }]);
	});

	it("is the DNS record with its TTL", async () => {
		await using dns = await FakeDns.start();
		dns.set("web.test", "A", "60 10.0.0.1");
		await using server = await Fingerpost.start({
			providers: { dns: { servers: [dns.address] } },
			services: { web: "dns:///web.test:80" },
		});
		const { endpoints } = await whenSynced(server, "web", 1);
		expect(endpoints).toMatchObject([{ object: "web.test A 10.0.0.1", revision: "TTL 60", at: expect.any(String) }]);
	});
});

describeEtcd("an endpoint of etcd", () => {
	it("came from its key and the revision of that", async () => {
		await using etcd = await Etcd.start();
		await etcd.put("web/a", "10.0.0.1:80");
		await etcd.put("web/b", "nonsense");
		await using server = await Fingerpost.start({
			providers: { etcd: { endpoints: [etcd.url] } },
			services: { web: "etcd:///web/" },
		});
		const first = await whenSynced(server, "web", 1);
		expect(first.endpoints).toMatchObject([{ object: "web/a", revision: expect.stringMatching(/^\d+$/) }]);
		expect(first.dropped).toMatchObject([{ address: null, object: "web/b" }]);
		await etcd.put("web/a", { address: "10.0.0.1:80", weight: 7 });
		const next = await waitUntil("it has the new one", async () => {
			const found = await explained(server, "web");
			return found.endpoints[0]?.revision === first.endpoints[0]?.revision ? undefined : found;
		});
		expect(Number(next.endpoints[0]?.revision)).toBeGreaterThan(Number(first.endpoints[0]?.revision));
	});
});

describeConsul("an endpoint of Consul", () => {
	it("came from node and instance, and its index", async () => {
		await using consul = await Consul.start();
		await consul.put({ service: "web", port: 8001 });
		await using server = await Fingerpost.start({
			providers: { consul: { address: consul.url } },
			services: { web: "consul:///web" },
		});
		const { endpoints } = await whenSynced(server, "web", 1);
		expect(endpoints).toMatchObject([
			{ object: "node-1/web-8001", revision: expect.stringMatching(/^\d+$/), at: expect.any(String) },
		]);
	});
});
