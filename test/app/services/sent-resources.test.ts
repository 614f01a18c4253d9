import { describe, expect, it } from "vitest";
import { waitUntil } from "../../../lab/wait-until.js";
import { XdsStream } from "../../../lab/xds-client.js";
import type { ResourcesJson } from "../../../src/admin/resources/resource-routes.js";
import { ControlPlane } from "../../../src/app/control-plane.js";
import type { HostPort } from "../../../src/model/host-port.js";

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

const LISTEN = { xds: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" }, guard: "off" } as const;

async function started(services: object) {
	const plane = new ControlPlane({ ...LISTEN, services } as never);
	const { admin, xds } = await plane.start();
	const ask = async (path: string) => {
		const answer = await fetch(`http://127.0.0.1:${(admin as HostPort).port}/api/v1/services/${path}`);
		return { status: answer.status, body: (await answer.json()) as ResourcesJson & { error: string } };
	};
	return { plane, ask, port: (xds as HostPort).port, [Symbol.asyncDispose]: () => plane.stop() };
}

describe("what clients are sent of a service", () => {
	it("is told for each family and type, encoded for the answer where nobody has it", async () => {
		await using server = await started({ web: { endpoints: ["10.0.0.1:80", { address: "10.0.0.2:80", weight: 50 }] } });
		const { body } = await server.ask("web/resources");
		expect(body.resources.map(({ view, type, inUse }) => `${view} ${type} ${inUse}`)).toEqual(
			["envoy", "grpc"].flatMap((view) => ["cds", "eds", "lds", "rds"].map((type) => `${view} ${type} false`)),
		);
		const eds = body.resources.find(({ view, type }) => view === "envoy" && type === "eds");
		expect(eds).toMatchObject({
			...{ name: "web", family: "envoy", problem: null },
			resource: {
				"@type": EDS,
				endpoints: [
					{
						lbEndpoints: [
							{
								endpoint: { address: { socketAddress: { address: "10.0.0.1", portValue: 80 } } },
								loadBalancingWeight: 100,
							},
							{ loadBalancingWeight: 50 },
						],
					},
				],
			},
		});
		const { body: bare } = await server.ask("web/resources?body=0&type=eds&view=envoy");
		expect(bare.resources).toEqual([{ ...eds, resource: null }]);
	});

	it("has the version that a client has, and the views of a node alone where it is asked for", async () => {
		await using server = await started({ web: { endpoints: ["10.0.0.1:80"] } });
		using client = new XdsStream({ port: server.port });
		client.send({ type_url: EDS, resource_names: ["web"], node: { id: "n1", user_agent_name: "gRPC Go" } } as never);
		await client.next("web", () => true);
		const { body } = await server.ask("web/resources?client=n1&type=eds");
		const { body: service } = await server.ask("web/explain");
		const { versions } = service as never as { versions: { type: string; family: string; version: string }[] };
		const used = versions.find(({ type, family }) => type === "eds" && family === "grpc");
		expect(body.resources.map(({ view, inUse, version }) => ({ view, inUse, version }))).toEqual([
			{ view: "grpc", inUse: true, version: used?.version },
		]);
	});

	it("says why nothing is sent", async () => {
		await using server = await started({
			unknown: "file:///does/not/exist.yaml",
			secure: { target: "https://127.0.0.1:443" },
		});
		const { body } = await server.ask("unknown/resources?type=eds&view=envoy");
		expect(body.resources).toMatchObject([
			{ version: null, bytes: null, resource: null, problem: { reason: "unknown" } },
		]);
		await waitUntil("it is known", async () => (await server.ask("secure")).status === 200);
		const { body: cds } = await server.ask("secure/resources?type=cds&view=grpc");
		expect(cds.resources).toMatchObject([{ version: null, resource: null, problem: { reason: "withheld" } }]);
	});

	it("refuses what there is not, in words", async () => {
		await using server = await started({ web: { endpoints: [] } });
		expect(await server.ask("wep/resources")).toMatchObject({
			status: 404,
			body: { error: 'there is no service "wep"' },
		});
		for (const [query, error] of [
			["type=xds", "type is one of cds, eds, lds, rds"],
			["view=nginx", "view is one of envoy, grpc"],
			["client=n1", 'no client of the node "n1" is connected'],
		])
			expect(await server.ask(`web/resources?${query}`)).toEqual({ status: 400, body: { error } });
	});

	it("tells of a large one what it is called, and of one with many endpoints all of them", async () => {
		const some = (count: number) =>
			Array.from({ length: count }, (_, i) => ({
				address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:80`,
				locality: { region: "eu", zone: "eu-1a", subZone: `${i}${"x".repeat(200)}` },
			}));
		await using server = await started({ large: { endpoints: some(18_000) }, many: { endpoints: some(5_000) } });
		const { body: large } = await server.ask("large/resources?type=eds");
		expect(large.resources).toMatchObject([
			{ view: "envoy", resource: null, problem: null },
			{ view: "grpc", resource: null, problem: { reason: "tooLarge" } },
		]);
		expect(large.resources[0]?.bytes).toBeGreaterThan(4 * 1024 * 1024);
		const { body: many } = await server.ask("many/resources?type=eds&view=envoy");
		const { endpoints } = { endpoints: [] as { lbEndpoints: object[] }[], ...many.resources[0]?.resource };
		expect(endpoints.flatMap(({ lbEndpoints }) => lbEndpoints).length).toBe(5_000);
	});
});
