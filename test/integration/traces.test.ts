import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";

const EXAMPLE = pathToFileURL(join(import.meta.dirname, "../../examples/traces/otel.mjs")).href;
const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

it("examples/traces/otel.mjs makes the program print the trace of a change in a file", async () => {
	const env = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=${EXAMPLE}` };
	await using server = await Fingerpost.start({ services: {} }, { env });
	await server.writeFile("web.yaml", "[10.0.0.1:80]");
	await server.setServices({ web: `file://${server.folder}/web.yaml` });
	using client = new XdsStream({ port: server.xdsPort });
	client.send({ type_url: EDS, node: { id: "envoy-1", user_agent_name: "envoy" }, resource_names: ["web"] } as never);
	const acknowledge = async (what: string, from: number) => {
		const { nonce } = await client.next(what, () => true, from);
		client.send({ type_url: EDS, resource_names: ["web"], response_nonce: nonce });
	};
	await acknowledge("the first endpoints", 0);
	await server.writeFile("web.yaml", "[10.0.0.1:80, 10.0.0.2:80]");
	await acknowledge("the change", 1);
	const printed = () => server.stdout.join("\n");
	await waitUntil("its push is printed", () => /fingerpost\.push/.test(printed()));
	await waitUntil("it is printed whole", () => /'fingerpost\.acks': 1/.test(printed()));
	expect(printed()).toMatch(/name: 'fingerpost\.source'[\s\S]*'fingerpost\.provider': 'file'/);
	expect(printed()).toContain("'fingerpost.node': 'envoy-1'");
	await server.kill();
});
