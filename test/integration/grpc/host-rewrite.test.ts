import { describe, expect, it } from "vitest";
import { startGrpcBackend } from "../../../lab/backends.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { findClient, LANGUAGES } from "../../../lab/grpc-clients.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { runProgram } from "../../cli/run-program.js";

/** gRFC A81: grpc-go 1.85 has it behind this variable. grpc-js 1.14 has it not. */
const env = { GRPC_EXPERIMENTAL_XDS_AUTHORITY_REWRITE: "true" };

describe.each(LANGUAGES)("hostRewrite: auto, in the gRPC client in %s", async (language) => {
	const program = await findClient(language);
	const knows = language !== "js";

	it.skipIf("missing" in program)(
		`${knows ? "makes the endpoint's hostname the authority of calls" : "changes nothing"} with bootstrap grpc --trusted`,
		async () => {
			if ("missing" in program) return;
			await using named = await startGrpcBackend("named", { says: "authority" });
			await using nameless = await startGrpcBackend("nameless", { says: "authority" });
			const endpoints = [{ address: named.address, hostname: "shop.internal" }];
			const service = { protocol: "grpc", endpoints };
			const services = {
				rewritten: { ...service, hostRewrite: "auto" },
				usual: service,
				nameless: { ...service, hostRewrite: "auto", endpoints: [nameless.address] },
			};
			await using fingerpost = await Fingerpost.start({ services });
			const authorities = async (...more: readonly string[]) => {
				const server = ["--server", `127.0.0.1:${fingerpost.xdsPort}`];
				const { stdout } = await runProgram(["bootstrap", "grpc", ...server, ...more]);
				await using client = new GrpcXdsClient({ port: fingerpost.xdsPort, program, bootstrap: stdout, env });
				const seen: Record<string, string[]> = {};
				for (const name of Object.keys(services)) {
					const { failures, byBackend } = await client.calls(name, 5);
					expect({ name, failures }).toEqual({ name, failures: [] });
					seen[name] = Object.keys(byBackend);
				}
				return seen;
			};
			const own = { rewritten: ["rewritten"], usual: ["usual"], nameless: ["nameless"] };
			expect(await authorities()).toEqual(own);
			expect(await authorities("--trusted")).toEqual(knows ? { ...own, rewritten: ["shop.internal"] } : own);
			expect(await fingerpost.nacks()).toEqual([]);
		},
	);
});
