import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { describeProgram } from "../../lab/describe-program.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { goProgram } from "../../lab/go-program.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";
import { waitUntil } from "../../lab/wait-until.js";

const run = promisify(execFile);

const ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
const CSDS = "envoy.service.status.v3.ClientStatusDiscoveryService";

// It has no protos of its own: all it knows it is told by reflection.
describeProgram("grpcurl", await goProgram("grpcurl"), (grpcurl) => {
	const services = { web: { endpoints: ["127.0.0.1:8080", { address: "127.0.0.1:8081", weight: 50 }] } };

	/** What it prints, when it is told to call a method with the message, or to `list` or `describe`. */
	async function call({ xdsPort }: Fingerpost, method: readonly string[], message?: object): Promise<string> {
		const data = message ? ["-d", JSON.stringify(message)] : [];
		const args = ["-plaintext", "-max-time", "45", ...data, `127.0.0.1:${xdsPort}`, ...method];
		return (await run(grpcurl, args, { timeout: 90_000 })).stdout;
	}

	it("lists and describes all services", async () => {
		await using fingerpost = await Fingerpost.start({ services });
		const names = (await call(fingerpost, ["list"])).trim().split("\n");
		expect(names).toEqual([
			"envoy.service.cluster.v3.ClusterDiscoveryService",
			ADS,
			"envoy.service.endpoint.v3.EndpointDiscoveryService",
			"envoy.service.listener.v3.ListenerDiscoveryService",
			"envoy.service.route.v3.RouteDiscoveryService",
			CSDS,
			"grpc.health.v1.Health",
			"grpc.reflection.v1.ServerReflection",
			"grpc.reflection.v1alpha.ServerReflection",
		]);
		for (const name of names) expect(await call(fingerpost, ["describe", name])).toContain(`${name} is a service:`);
		const message = await call(fingerpost, ["describe", "envoy.config.endpoint.v3.ClusterLoadAssignment"]);
		expect(message).toContain("string cluster_name = 1");
	});

	it("checks the health", async () => {
		await using fingerpost = await Fingerpost.start({ services });
		expect(JSON.parse(await call(fingerpost, ["grpc.health.v1.Health/Check"]))).toEqual({ status: "SERVING" });
		const asked = call(fingerpost, ["grpc.health.v1.Health/Check"], { service: "no.such.Service" });
		await expect(asked).rejects.toThrow("NotFound");
	});

	it.each(["sotw", "delta"])("asks for resources and ends, and prints them whole, in %s", async (mode) => {
		await using fingerpost = await Fingerpost.start({ services });
		const names = mode === "sotw" ? { resourceNames: ["web"] } : { resourceNamesSubscribe: ["web"] };
		const request = { typeUrl: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", ...names };
		const method = `${ADS}/${mode === "sotw" ? "StreamAggregatedResources" : "DeltaAggregatedResources"}`;
		const { resources } = JSON.parse(await call(fingerpost, [method], request));
		const assignment = mode === "sotw" ? resources[0] : resources[0].resource;
		expect(assignment.clusterName).toBe("web");
		const [{ lbEndpoints }] = assignment.endpoints;
		expect(lbEndpoints.map((each: { loadBalancingWeight: number }) => each.loadBalancingWeight)).toEqual([100, 50]);
	});

	it("shows what the clients have, by the client status discovery service", async () => {
		await using fingerpost = await Fingerpost.start({ services });
		await using client = new GrpcXdsClient({ port: fingerpost.xdsPort, node: "client-1" });
		await client.startLoad("web");
		const status = async (message: object) =>
			JSON.parse(await call(fingerpost, [`${CSDS}/FetchClientStatus`], message)).config as readonly {
				readonly node: { readonly id: string; readonly userAgentName: string };
				readonly genericXdsConfigs: readonly Readonly<Record<string, string>>[];
			}[];
		const isSynced = async () => {
			const [config] = await status({});
			return config?.genericXdsConfigs.length === 4 && config;
		};
		const { node, genericXdsConfigs } = await waitUntil("all four types are there", isSynced, { interval: 200 });
		expect(node).toMatchObject({ id: "client-1", userAgentName: "gRPC Node Pure JS" });
		for (const entry of genericXdsConfigs) {
			expect(entry).toMatchObject({ name: "web", xdsConfig: { "@type": entry.typeUrl } });
		}
		expect(await status({ nodeMatchers: [{ nodeId: { prefix: "client" } }] })).toHaveLength(1);
		expect(await status({ nodeMatchers: [{ nodeId: { exact: "another" } }] })).toBeUndefined();
	});
});
