import { expect, it } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { freePorts } from "../../../lab/ports.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { XdsStream } from "../../../lab/xds-client.js";
import { headings } from "./page.js";
import { play } from "./scenario.js";

const PREFIX = "type.googleapis.com/envoy.config";
const EDS = `${PREFIX}.endpoint.v3.ClusterLoadAssignment`;
const LDS = `${PREFIX}.listener.v3.Listener`;
const ENVOY = { id: "envoy-1", user_agent_name: "envoy" };

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
	async "A wrong port"() {
		await using cluster = await FakeKubeApi.start();
		cluster.put(sliceObject("web", { endpoints: ["10.0.0.1", "10.0.0.2"] }));
		await play({ heading: "A wrong port", names: { "http://127.0.0.1:8001": cluster.url } });
	},

	async "A typo in a name"() {
		await using cluster = await FakeKubeApi.start();
		cluster.put(sliceObject("checkout", { endpoints: ["10.0.0.1"] }));
		await play({
			heading: "A typo in a name",
			names: { "http://127.0.0.1:8001": cluster.url },
			async trouble({ xdsPort }) {
				const client = new XdsStream({ port: xdsPort });
				client.send({ type_url: LDS, node: { id: "my-app", user_agent_name: "gRPC Go" }, resource_names: ["greter"] });
				return client;
			},
		});
	},

	async "A dead DNS server"() {
		const [port] = await freePorts(1);
		await play({ heading: "A dead DNS server", names: { "127.0.0.1:5353": `127.0.0.1:${port}` } });
	},

	async "A rejected resource"() {
		await play({
			heading: "A rejected resource",
			async trouble({ xdsPort }) {
				const client = new XdsStream({ port: xdsPort });
				client.send({ type_url: EDS, node: ENVOY, resource_names: ["web"] });
				const { nonce } = await client.next("the assignment", () => true);
				const error = "malformed IP address: 10.0.0.1.example";
				client.send({
					type_url: EDS,
					resource_names: ["web"],
					response_nonce: nonce,
					error_detail: { code: 3, message: error },
				});
				return client;
			},
		});
	},

	async "A slow client"() {
		await play({
			heading: "A slow client",
			async trouble(fingerpost) {
				const [slow, quick] = [1, 2].map(() => new XdsStream({ port: fingerpost.xdsPort })) as [XdsStream, XdsStream];
				const node = (id: string) => ({ ...ENVOY, id });
				for (const [client, id] of [
					[slow, "envoy-1"],
					[quick, "envoy-2"],
				] as const) {
					client.send({ type_url: EDS, node: node(id), resource_names: ["web"] });
					const { nonce } = await client.next("the assignment", () => true);
					client.send({ type_url: EDS, resource_names: ["web"], response_nonce: nonce });
				}
				await fingerpost.setServices({ web: { endpoints: ["127.0.0.1:8082"] } });
				await slow.next("the change", () => true, 1);
				const { nonce } = await quick.next("the change", () => true, 1);
				quick.send({ type_url: EDS, resource_names: ["web"], response_nonce: nonce });
				const end = () => {
					slow[Symbol.dispose]();
					quick[Symbol.dispose]();
				};
				return { [Symbol.dispose]: end };
			},
		});
	},

	async "A bad reload"() {
		await play({
			heading: "A bad reload",
			async trouble(fingerpost) {
				await fingerpost.writeConfig("services:\n  web:\n    endpoints: [127.0.0.1:8081]\n    conectTimeout: 1s\n");
				await fingerpost.waitForWarning(/conectTimeout/);
				return undefined;
			},
		});
	},
};

it.each(Object.entries(SCENARIOS))("docs/troubleshooting.md: %s", (_, scenario) => scenario());

it("docs/troubleshooting.md has a transcript of each, and of no other", () => {
	expect(headings().filter((each) => each.startsWith("A "))).toEqual(Object.keys(SCENARIOS));
});
