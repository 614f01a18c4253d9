import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { startGrpcBackend } from "../../../lab/backends.js";
import { CertificateLab, SPIFFE_ID } from "../../../lab/certificate-lab.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import type { ClientProgram } from "../../../lab/grpc-clients.js";
import { grpcService } from "../../../lab/grpc-lab.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { freePorts } from "../../../lab/ports.js";
import { runProgram } from "../../cli/run-program.js";

// grpc-js-xds 1.14 knows no TLS for xDS, and grpc-java 1.85 no files for it: see below.
for (const language of ["go", "python"] as const) {
	const found = inject("clients")[language];
	const title = `a real gRPC client in ${language} by mutual TLS, with what bootstrap prints`;
	if ("missing" in found)
		describe.skip(`${title} (skipped: ${found.missing})`, () => scenarios({ command: "", args: [] }));
	else describe(title, () => scenarios(found));
}

const java = inject("clients").java;
const javaTitle = "a real gRPC client in java by TLS, with what bootstrap prints and the CA in its JVM's trust store";
if ("missing" in java) it.skip(`${javaTitle} (skipped: ${java.missing})`, () => {});
else
	it(javaTitle, async () => {
		await using pki = await CertificateLab.create();
		await using backend = await startGrpcBackend("a");
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key") };
		const services = { web: grpcService(backend.address) };
		await using fingerpost = await Fingerpost.start({ xds: { tls }, services });
		const port = fingerpost.xdsPort;
		const { stdout } = await runProgram(["bootstrap", "grpc", "--server", `localhost:${port}`, "--tls"]);
		const store = pki.path("trust.p12");
		const what = ["-importcert", "-noprompt", "-alias", "lab", "-file", pki.path("ca.crt"), "-storetype", "PKCS12"];
		await promisify(execFile)("keytool", [...what, "-keystore", store, "-storepass", "changeit"]);
		const trust = {
			JAVA_TOOL_OPTIONS: `-Djavax.net.ssl.trustStore=${store} -Djavax.net.ssl.trustStorePassword=changeit`,
		};
		await using client = new GrpcXdsClient({ port, program: java, bootstrap: stdout, env: trust });
		await client.waitForBackends("web", ["a"]);
		// Without it, it does not believe the server.
		await using other = new GrpcXdsClient({ port, program: java, bootstrap: stdout });
		expect(await other.calls("web", 1)).toMatchObject({ ok: 0, failed: 1 });
	});

it("a real gRPC client in js comes in clear, by an address of xds.also beside TLS", async () => {
	await using pki = await CertificateLab.create();
	await using backend = await startGrpcBackend("a");
	const [also] = (await freePorts(1)) as [number];
	const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	const xds = { tls, also: [{ listen: `127.0.0.1:${also}`, identity: "local" }] };
	await using fingerpost = await Fingerpost.start({ xds, services: { web: grpcService(backend.address) } });
	await using client = new GrpcXdsClient({ port: also });
	await client.waitForBackends("web", ["a"]);
	expect((await fingerpost.clients()).map(({ identity }) => identity)).toEqual(["also:local"]);
});

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
