import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type EnvoyBootstrapOptions, envoyBootstrap } from "../../../src/cli/bootstrap/bootstrap-envoy.js";
import { grpcBootstrap } from "../../../src/cli/bootstrap/bootstrap-grpc.js";
import { runProgram } from "../run-program.js";

const options: EnvoyBootstrapOptions = {
	nodeId: "envoy-1",
	cluster: "fingerpost",
	servers: [{ host: "127.0.0.1", port: 18_000 }],
	listen: { host: "127.0.0.1", port: 10_000 },
	adminPort: 19_000,
};
const servers = options.servers;

function fileText(name: string): string {
	return readFileSync(new URL(`../../../envoy/${name}`, import.meta.url), "utf8");
}

describe("the bootstraps in envoy/", () => {
	it.each([
		["ads-delta.yaml", {}],
		["ads-sotw.yaml", { sotw: true }],
		["eds-only.yaml", { edsOnly: ["web", "hello"] }],
	])("%s is what the command prints", (name, more) => {
		expect(parse(fileText(name))).toEqual(envoyBootstrap({ ...options, ...more }));
	});

	it("grpc-bootstrap.json is what the command prints", () => {
		expect(JSON.parse(fileText("grpc-bootstrap.json"))).toEqual(
			grpcBootstrap({ nodeId: "grpc-client-1", servers: ["127.0.0.1:18000"] }),
		);
	});
});

describe("bootstrap envoy", () => {
	it("prints YAML that reads as the same object as its JSON, the node id defaulting to the host's name", async () => {
		const args = ["bootstrap", "envoy", "--server", "10.0.0.1:1", "--server", "[::1]:2", "--zone", "z"];
		const yaml = await runProgram(args);
		const json = await runProgram([...args, "-o", "json"]);
		const value = JSON.parse(json.stdout);
		expect(parse(yaml.stdout)).toEqual(value);
		expect(value.node).toMatchObject({ cluster: "fingerpost", locality: { zone: "z" } });
		expect(value.node.id).not.toBe("");
		const [xds] = value.static_resources.clusters;
		expect(xds.type).toBe("STATIC");
		expect(
			xds.load_assignment.endpoints[0].lb_endpoints.map(
				(each: { endpoint: { address: { socket_address: unknown } } }) => each.endpoint.address.socket_address,
			),
		).toEqual([
			{ address: "10.0.0.1", port_value: 1 },
			{ address: "::1", port_value: 2 },
		]);
	});

	it("resolves the control plane where a host is a name", () => {
		const named = [...servers, { host: "fingerpost.internal", port: 18_000 }];
		const { static_resources } = envoyBootstrap({ ...options, servers: named }) as {
			static_resources: { clusters: { type: string }[] };
		};
		expect(static_resources.clusters[0]?.type).toBe("STRICT_DNS");
	});
});

describe("bootstrap envoy --local-cluster", () => {
	const bootstrap = async (...args: readonly string[]) => {
		const { stdout } = await runProgram(["bootstrap", "envoy", "-o", "json", "--zone", "z", ...args]);
		return JSON.parse(stdout);
	};

	it("makes the service a static cluster, once, and Envoy's local one", async () => {
		for (const more of [[], ["--eds-only", "proxies"]]) {
			const { cluster_manager, static_resources } = await bootstrap("--local-cluster", "proxies", ...more);
			expect(cluster_manager).toEqual({ local_cluster_name: "proxies" });
			const names = static_resources.clusters.map(({ name }: { name: string }) => name);
			expect(names).toEqual(["fingerpost-xds", "proxies"]);
		}
		expect(await bootstrap()).not.toHaveProperty("cluster_manager");
	});

	it("needs a zone, and the name of a service", async () => {
		const without = await runProgram(["bootstrap", "envoy", "--local-cluster", "proxies"]);
		expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining("--local-cluster needs --zone") });
		const wrong = await runProgram(["bootstrap", "envoy", "--local-cluster", "a b", "--zone", "z"]);
		expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("a service name has only") });
	});
});

describe("bootstrap grpc", () => {
	it("trusts its servers with the authority of calls where that is said", async () => {
		const features = async (...args: readonly string[]) => {
			const { stdout } = await runProgram(["bootstrap", "grpc", "--server", "a:1", "--server", "b:2", ...args]);
			return JSON.parse(stdout).xds_servers.map((each: { server_features: string[] }) => each.server_features);
		};
		const usual = ["xds_v3", "ignore_resource_deletion"];
		expect(await features()).toEqual([usual, usual]);
		const trusted = [...usual, "trusted_xds_server"];
		expect(await features("--trusted")).toEqual([trusted, trusted]);
	});

	it("says what the client knows in the metadata of its node", async () => {
		const metadata = async (...args: readonly string[]) => {
			const { stdout } = await runProgram(["bootstrap", "grpc", ...args]);
			return JSON.parse(stdout).node.metadata;
		};
		expect(await metadata()).toBeUndefined();
		expect(await metadata("--proxies")).toEqual({ "fingerpost.proxy": true });
		const both = { "fingerpost.proxy": true, "fingerpost.upstreamTls": true };
		expect(await metadata("--proxies", "--upstream-tls")).toEqual(both);
	});

	it("lists every server, and has a locality even where none is given (G7)", async () => {
		const outcome = await runProgram(["bootstrap", "grpc", "--node-id", "n", "--server", "a:1", "--server", "b:2"]);
		const value = JSON.parse(outcome.stdout);
		expect(value.node).toEqual({ id: "n", locality: {} });
		expect(value.xds_servers).toEqual(
			["a:1", "b:2"].map((server_uri) => ({
				server_uri,
				channel_creds: [{ type: "insecure" }],
				server_features: ["xds_v3", "ignore_resource_deletion"],
			})),
		);
		expect(value.server_listener_resource_name_template).toBe("grpc/server?xds.resource.listening_address=%s");
	});

	it("writes a URL as it is given, for clients that connect by no other form", async () => {
		const servers = ["http://a:1", "b:2", "http://[::1]:3", "http://a:1"];
		const outcome = await runProgram(["bootstrap", "grpc", ...servers.flatMap((each) => ["--server", each])]);
		const uris = JSON.parse(outcome.stdout).xds_servers.map((each: { server_uri: string }) => each.server_uri);
		expect(uris).toEqual(servers.slice(0, 3));
	});

	it.each(["https://a:1", "dns:///a:1", "http://a", "http://a:1/path"])("does not take %s", async (server) => {
		const { code, stderr } = await runProgram(["bootstrap", "grpc", "--server", server]);
		expect(code).not.toBe(0);
		expect(stderr).toContain("HOST:PORT");
	});

	it("is by HOST:PORT alone for Envoy", async () => {
		expect((await runProgram(["bootstrap", "envoy", "--server", "http://a:1"])).code).not.toBe(0);
	});
});

it.each(["envoy", "grpc"])("bootstrap %s takes no token where it would go in clear", async (client) => {
	const { code, stdout, stderr } = await runProgram(["bootstrap", client, "--token-file", "/run/token"]);
	expect([code, stdout]).toEqual([2, ""]);
	expect(stderr).toContain("--token-file");
	expect(stderr).toContain("go with --tls");
});
