import { describe, expect, it } from "vitest";
import { startGrpcBackend } from "../../../lab/backends.js";
import { CertificateLab } from "../../../lab/certificate-lab.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { findClient, LANGUAGES } from "../../../lab/grpc-clients.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { startHttpProxy } from "../../../lab/http-proxy.js";
import { runProgram } from "../../cli/run-program.js";

/** gRFC A86: behind this variable. grpc-js 1.14 has it not. */
const env = { GRPC_EXPERIMENTAL_XDS_HTTP_CONNECT: "true" };

describe.each(LANGUAGES)("proxies to endpoints, in the gRPC client in %s", async (language) => {
	const program = await findClient(language);
	const knows = language !== "js";

	it.skipIf("missing" in program)(
		knows ? "are used with bootstrap grpc --proxies, and not without" : "are not used",
		async () => {
			if ("missing" in program) return;
			await using pki = await CertificateLab.create();
			const tls = { sni: "web.internal", ca: pki.path("ca.crt") };
			await using secure = await startGrpcBackend("secure", { tls: await pki.server({ names: ["web.internal"] }) });
			await using clear = await startGrpcBackend("clear");
			await using direct = await startGrpcBackend("direct");
			await using proxy = await startHttpProxy();
			const service = { protocol: "grpc", proxy: proxy.address };
			await using fingerpost = await Fingerpost.start({
				services: {
					clear: { ...service, target: clear.address },
					secure: { ...service, target: secure.address, tls },
					direct: { ...service, proxy: "off", endpoints: [direct.address] },
				},
			});
			const tunnels = async (...more: readonly string[]) => {
				const { length } = proxy.tunnels;
				const own = ["--upstream-cert", pki.path("client.crt"), "--upstream-key", pki.path("client.key")];
				const all = [
					"--server",
					`127.0.0.1:${fingerpost.xdsPort}`,
					"--upstream-ca",
					pki.path("ca.crt"),
					...own,
					...more,
				];
				const { stdout } = await runProgram(["bootstrap", "grpc", ...all]);
				await using client = new GrpcXdsClient({ port: fingerpost.xdsPort, program, bootstrap: stdout, env });
				for (const name of ["clear", "secure", "direct"]) await client.waitForBackends(name, [name]);
				expect(await fingerpost.nacks()).toEqual([]);
				return [...new Set(proxy.tunnels.slice(length))].sort();
			};
			expect(await tunnels()).toEqual([]);
			if (knows) expect(await tunnels("--proxies")).toEqual([clear.address, secure.address].sort());
			expect((await fingerpost.service("clear")).notes.join()).toContain("gRPC clients do not get proxy");
		},
	);
});
