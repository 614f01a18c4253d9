import { describe, expect, it } from "vitest";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { findClient, LANGUAGES } from "../../../lab/grpc-clients.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { expectEvenUse, OrcaBackends } from "../../../lab/orca-backends.js";

const RATE = 60;
const POLICY = { policy: "client_side_weighted_round_robin" };
/** grpc-js 1.14 has it behind this variable, and takes round robin without it. */
const env = { GRPC_EXPERIMENTAL_XDS_WRR_LB: "true" };

describe.each(LANGUAGES)("load-aware balancing in the gRPC client in %s", async (language) => {
	const program = await findClient(language);

	it.skipIf("missing" in program)(
		"uses back ends of capacity 1:1:4 evenly after half a minute, with reports in the trailers and out of band",
		async () => {
			if ("missing" in program) return;
			await using trailers = await OrcaBackends.start("grpc", "calls");
			await using beside = await OrcaBackends.start("grpc", "out-of-band");
			const service = { protocol: "grpc", loadBalancing: POLICY };
			const outOfBand = { ...POLICY, oobReportingPeriod: "1s" };
			const services = {
				trailers: { ...service, endpoints: trailers.addresses },
				beside: { ...service, loadBalancing: outOfBand, endpoints: beside.addresses },
			};
			await using fingerpost = await Fingerpost.start({ services });
			await using client = new GrpcXdsClient({ port: fingerpost.xdsPort, program, env });
			const names = Object.keys(services);
			await Promise.all(names.map((name) => client.startLoad(name, RATE)));
			await Promise.all(names.map((name) => expectEvenUse(async () => (await client.readLoad(name)).byBackend)));
			for (const name of names) expect(await client.stopLoad(name)).toMatchObject({ failed: 0, failures: [] });
			expect(await fingerpost.nacks()).toEqual([]);
		},
	);
});
