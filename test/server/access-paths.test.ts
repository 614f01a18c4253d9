import fc from "fast-check";
import { expect, it } from "vitest";
import { XdsStream } from "../../lab/xds-client.js";
import { ClientStatusRequest, ClientStatusResponse } from "../../src/gen/envoy/service/status/v3/csds.js";
import { namePattern } from "../../src/util/text/name-pattern.js";
import { AccessLab, SERVICES } from "./access-lab.js";
import { GrpcCaller } from "./grpc-call.js";
import { histories } from "./model-world.js";

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const CSDS = "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";
const NAMES = Object.keys(SERVICES) as (keyof typeof SERVICES)[];

const step = fc.record({
	patterns: fc.uniqueArray(fc.constantFrom(...NAMES, "*", "shop/*", "b*"), { maxLength: 2 }),
	denied: fc.constantFrom("hidden" as const, "told" as const),
	asked: fc.uniqueArray(fc.constantFrom(...NAMES, "none"), { minLength: 1 }),
});

it("by REST and client status goes no byte of a service that the rules do not allow", async () => {
	await using lab = await AccessLab.start({});
	// It has everything, so that client status has something to tell.
	using stream = new XdsStream({ port: lab.port });
	stream.send({ node: { id: "n" }, type_url: EDS, resource_names: [...NAMES] });
	await stream.next("the endpoints", () => true);
	using caller = new GrpcCaller(lab.port);
	const statusOf = async () => {
		const request = ClientStatusRequest.fromPartial({});
		const answer = await caller.unary(CSDS, [ClientStatusRequest, ClientStatusResponse], request);
		return Buffer.from(ClientStatusResponse.encode(answer).finish()).toString("latin1");
	};
	const property = fc.asyncProperty(step, async ({ patterns, denied, asked }) => {
		lab.rules({ access: [{ identity: "*", services: patterns }], denied });
		const fits = patterns.map(namePattern);
		const [polled, shown] = [(await lab.poll(asked)).text, await statusOf()];
		for (const name of NAMES) {
			const isAllowed = fits.some((each) => each(name));
			const port = SERVICES[name].split(":")[1] as string;
			expect([name, polled.includes(`"portValue":${port}`)]).toEqual([name, isAllowed && asked.includes(name)]);
			if (!isAllowed) expect(shown).not.toContain(name);
		}
	});
	await fc.assert(property, { ...histories(40, "rules by REST and CSDS"), endOnFailure: true });
});
