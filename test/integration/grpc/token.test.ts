import { describe, expect, inject, it } from "vitest";
import { startGrpcBackend } from "../../../lab/backends.js";
import { CertificateLab } from "../../../lab/certificate-lab.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import type { ClientProgram } from "../../../lab/grpc-clients.js";
import { grpcService } from "../../../lab/grpc-lab.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { TokenLab } from "../../../lab/token-lab.js";
import { runProgram } from "../../cli/run-program.js";

// gRFC A97. grpc-js-xds 1.14 knows no TLS for xDS, and grpc-java 1.85 no files for it.
for (const language of ["go", "python"] as const) {
	const found = inject("clients")[language];
	const title = `a real gRPC client in ${language} with a token, with what bootstrap prints`;
	if ("missing" in found)
		describe.skip(`${title} (skipped: ${found.missing})`, () => scenarios({ command: "", args: [] }));
	else describe(title, () => scenarios(found));
}

function scenarios(program: ClientProgram): void {
	it("is known by its token, and reaches what a rule lets it see", async () => {
		await using pki = await CertificateLab.create();
		await using issuer = await TokenLab.create("RS256");
		await using first = await startGrpcBackend("a");
		await using second = await startGrpcBackend("b");
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key") };
		const access = [{ identity: "token:system:serviceaccount:shop:*", services: ["web"] }];
		await using fingerpost = await Fingerpost.start({
			xds: { tls, tokens: issuer.settings, access },
			services: { web: grpcService(first.address), bank: grpcService(second.address) },
		});
		const subject = "system:serviceaccount:shop:web";
		const file = await issuer.put("token", await issuer.token(subject));
		const port = fingerpost.xdsPort;
		const options = ["--tls", "--ca", pki.path("ca.crt"), "--token-file", file];
		const { stdout } = await runProgram(["bootstrap", "grpc", "--server", `localhost:${port}`, ...options]);
		const env = { GRPC_EXPERIMENTAL_XDS_BOOTSTRAP_CALL_CREDS: "true" };
		await using client = new GrpcXdsClient({ port, program, bootstrap: stdout, env });
		await client.waitForBackends("web", ["a"]);
		const known = (await fingerpost.clients()).map(({ identity }) => identity);
		expect(new Set(known)).toEqual(new Set([`token:${subject}`]));
		const { failed, byBackend } = await client.calls("bank", 1);
		expect([failed, byBackend]).toEqual([1, {}]);
	});
}
