import { expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import type { NodeJson } from "../../src/admin/admin-json.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import type { HostPort } from "../../src/model/host-port.js";

const LDS = "type.googleapis.com/envoy.config.listener.v3.Listener";

/** What the admin API says of each name that a client asks for, and that it does not find. */
async function missingNames(access: object, ...names: readonly string[]) {
	const listen = "127.0.0.1:0";
	const services = { greeter: "10.0.0.1:80" };
	await using plane = new ControlPlane({ xds: { listen, ...access }, admin: { listen }, services } as never);
	const { xds, admin } = await plane.start();
	using client = new XdsStream({ port: (xds as HostPort).port });
	client.send({ type_url: LDS, node: { id: "n", user_agent_name: "gRPC Go" }, resource_names: names } as never);
	const ask = () => fetch(`http://127.0.0.1:${(admin as HostPort).port}/api/v1/clients/n`);
	await waitUntil("it is there", async () => (await ask()).status === 200);
	const { clients } = (await (await ask()).json()) as NodeJson;
	return clients[0]?.types.lds?.resources.map(({ name, state, nearest }) => [name, state, nearest]);
}

it("a name that does not exist has the service beside it that may be meant", async () => {
	expect(await missingNames({}, "greeter", "greter", "something-else")).toEqual([
		["greeter", expect.stringMatching(/sent|acked/), null],
		["greter", "missing", "greeter"],
		["something-else", "missing", null],
	]);
});

it("a name that no rule lets the client see has itself beside it", async () => {
	const access = [{ identity: "spiffe://other", services: ["*"] }];
	expect(await missingNames({ access }, "greeter")).toEqual([["greeter", "missing", "greeter"]]);
});
