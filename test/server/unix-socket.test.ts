import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { TokenLab } from "../../lab/token-lab.js";
import { XdsStream } from "../../lab/xds-client.js";
import { ClientStatusRequest, ClientStatusResponse } from "../../src/gen/envoy/service/status/v3/csds.js";
import { AccessLab } from "./access-lab.js";
import { GrpcCaller } from "./grpc-call.js";

const CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const CSDS = "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";

it("xDS by Unix sockets has their mode, and each knows its own clients", async () => {
	const folder = await mkdtemp(join(tmpdir(), "fingerpost-socket-"));
	const [local, other] = [join(folder, "local.sock"), join(folder, "other.sock")];
	try {
		await using issuer = await TokenLab.create();
		const also = [
			{ listen: `unix:${local}`, identity: "local", socketMode: "600" },
			{ listen: `unix:${other}`, identity: "other" },
		];
		const access = [{ identity: "also:local", services: ["shop/*"] }];
		await using lab = await AccessLab.start({ insecure: true, tokens: issuer.settings, also, access });
		const modes = await Promise.all([local, other].map(async (path) => (await stat(path)).mode & 0o777));
		expect(modes).toEqual([0o600, 0o660]);

		const open = async (path: string, id: string) => {
			const stream = new XdsStream({ port: `unix:${path}` });
			stream.send({ node: { id }, type_url: CDS });
			const { resources } = await stream.next("clusters", () => true);
			return { names: resources.map(({ name }) => name).sort(), [Symbol.dispose]: () => stream[Symbol.dispose]() };
		};
		using a = await open(local, "a");
		using b = await open(local, "b");
		using c = await open(other, "c");
		expect([a.names, b.names, c.names]).toEqual([["shop/cart", "shop/web"], ["shop/cart", "shop/web"], []]);
		const { clients } = (await (await fetch(`http://127.0.0.1:${lab.admin}/api/v1/clients`)).json()) as {
			clients: { node: string; identity: string; address: string }[];
		};
		expect(clients.map(({ node, identity }) => [node, identity])).toEqual([
			["a", "also:local"],
			["b", "also:local"],
			["c", "also:other"],
		]);
		// As with TCP each connection has a name of its own.
		expect(new Set(clients.map(({ address }) => address)).size).toBe(3);
		for (const { address } of clients) expect(address).toMatch(/^unix:\/.*\.sock:\d+$/);
		using caller = new GrpcCaller(`unix:${local}`);
		const asked = ClientStatusRequest.fromPartial({});
		const { config } = await caller.unary(CSDS, [ClientStatusRequest, ClientStatusResponse], asked);
		expect(config.map(({ node }) => node?.id).sort()).toContain("a");
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});
