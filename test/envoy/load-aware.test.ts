import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { GrpcLoad } from "../../lab/grpc-load.js";
import { Load } from "../../lab/load.js";
import { expectEvenUse, expectRoundRobin, OrcaBackends } from "../../lab/orca-backends.js";

const RATE = 60;
const POLICY = { policy: "client_side_weighted_round_robin" };
const OUT_OF_BAND = { ...POLICY, oobReportingPeriod: "1s" };

describeEnvoys(
	"load-aware balancing",
	(which) => {
		const isOld = ["1.38.3", "1.36.4"].includes(which.version);
		const how = isOld ? "but by reports out of band, which it does not ask for" : "however they report";

		it(`uses back ends of capacity 1:1:4 evenly after half a minute, ${how}`, async () => {
			await using grpc = await OrcaBackends.start("grpc", "calls");
			await using beside = await OrcaBackends.start("grpc", "out-of-band");
			await using http = await OrcaBackends.start("http1", "calls");
			const services = {
				trailers: { protocol: "grpc", loadBalancing: POLICY, endpoints: grpc.addresses },
				header: { loadBalancing: POLICY, endpoints: http.addresses },
				beside: { protocol: "grpc", loadBalancing: OUT_OF_BAND, endpoints: beside.addresses },
			};
			await using lab = await EnvoyLab.start({ which, config: () => ({ services }) });
			const { ingress } = lab.envoy;
			using byTrailers = new GrpcLoad(ingress, "trailers", RATE);
			await using byHeader = new Load({ url: ingress, service: "header", rate: RATE });
			using outOfBand = new GrpcLoad(ingress, "beside", RATE);
			await Promise.all([
				...[byTrailers, byHeader.result].map((load) => expectEvenUse(() => load.byBackend)),
				isOld ? expectRoundRobin(() => outOfBand.byBackend) : expectEvenUse(() => outOfBand.byBackend),
			]);
			expect([byTrailers.failures, byHeader.result.failures, outOfBand.failures]).toEqual([[], [], []]);
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});
	},
	{ versions: ENVOY_VERSIONS, modes: ["delta"] },
);
