import { describe, expect, inject, it } from "vitest";
import { startGrpcBackend } from "../../../lab/backends.js";
import { CertificateLab, SPIFFE_ID } from "../../../lab/certificate-lab.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import type { ClientProgram } from "../../../lab/grpc-clients.js";
import { grpcService } from "../../../lab/grpc-lab.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { runProgram } from "../../cli/run-program.js";

// grpc-js-xds 1.14 knows no TLS for xDS, and grpc-java 1.85 no files for it.
for (const language of ["go", "python"] as const) {
	const found = inject("clients")[language];
	const title = `a real gRPC client in ${language} by mutual TLS, with what bootstrap prints`;
	if ("missing" in found)
		describe.skip(`${title} (skipped: ${found.missing})`, () => scenarios({ command: "", args: [] }));
	else describe(title, () => scenarios(found));
}

function scenarios(program: ClientProgram): void {
	it("reaches the back ends, and is known by its certificate", async () => {
		await using pki = await CertificateLab.create();
		await using first = await startGrpcBackend("a");
		await using second = await startGrpcBackend("b");
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
		await using fingerpost = await Fingerpost.start({ xds: { tls }, services: { web: grpcService(first.address) } });
		const port = fingerpost.xdsPort;
		const files = ["--ca", pki.path("ca.crt"), "--cert", pki.path("client.crt"), "--key", pki.path("client.key")];
		const { stdout } = await runProgram(["bootstrap", "grpc", "--server", `localhost:${port}`, "--tls", ...files]);
		await using client = new GrpcXdsClient({ port, program, bootstrap: stdout });
		await client.waitForBackends("web", ["a"]);
		await fingerpost.setServices({ web: grpcService(second.address) });
		await client.waitForBackends("web", ["b"]);
		const known = (await fingerpost.clients()).map(({ identity }) => identity);
		expect(new Set(known)).toEqual(new Set([SPIFFE_ID]));
	});
}
