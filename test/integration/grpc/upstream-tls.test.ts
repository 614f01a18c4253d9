import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Backend, startGrpcBackend } from "../../../lab/backends.js";
import { CertificateLab } from "../../../lab/certificate-lab.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { type ClientProgram, LANGUAGES } from "../../../lab/grpc-clients.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { SYSTEM_CAS } from "../../../src/resources/messages/upstream-tls-context.js";
import { runProgram } from "../../cli/run-program.js";

for (const language of LANGUAGES) {
	const found = inject("clients")[language];
	const title = `a real gRPC client in ${language} with TLS to the endpoints`;
	if ("missing" in found)
		describe.skip(`${title} (skipped: ${found.missing})`, () => scenarios({ command: "", args: [] }, true));
	else describe(title, () => scenarios(found, takesCasAlone(language)));
}

/** grpc-java 1.85 takes no certificate provider without a certificate of its own. */
function takesCasAlone(language: string): boolean {
	return language !== "java";
}

function scenarios(program: ClientProgram, casAlone: boolean): void {
	let owned: AsyncDisposableStack;
	let pki: CertificateLab;
	let backend: Backend;
	let mutual: Backend;
	let fingerpost: Fingerpost;

	beforeAll(async () => {
		await using stack = new AsyncDisposableStack();
		pki = stack.use(await CertificateLab.create());
		const tls = await pki.server({ names: ["web.internal", "localhost"] });
		backend = stack.use(await startGrpcBackend("a", { tls }));
		mutual = stack.use(await startGrpcBackend("m", { tls: { ...tls, clientCa: pki.authority.cert } }));
		const clear = stack.use(await startGrpcBackend("clear"));
		const ca = pki.path("ca.crt");
		const of = (to: Backend, written: object) => ({ protocol: "grpc", target: to.address, tls: { ca, ...written } });
		fingerpost = stack.use(
			await Fingerpost.start({
				services: {
					web: of(backend, { sni: "web.internal" }),
					"wrong-name": of(backend, { sni: "api.internal" }),
					system: { protocol: "grpc", target: `https://localhost:${backend.address.split(":")[1]}` },
					mutual: of(mutual, { sni: "web.internal", clientCertificate: "default" }),
					clear: { protocol: "grpc", endpoints: [clear.address] },
				},
			}),
		);
		owned = stack.move();
	});
	afterAll(() => owned?.disposeAsync());

	async function start(options: readonly string[], change = (text: string) => text): Promise<GrpcXdsClient> {
		const port = fingerpost.xdsPort;
		const { stdout } = await runProgram(["bootstrap", "grpc", "--server", `127.0.0.1:${port}`, ...options]);
		return new GrpcXdsClient({ port, program, bootstrap: change(stdout) });
	}

	it("reaches who has the name, the CA and takes its certificate, and nobody else", async () => {
		const own = ["--upstream-cert", pki.path("client.crt"), "--upstream-key", pki.path("client.key")];
		await using client = await start(["--upstream-ca", pki.path("ca.crt"), ...own]);
		await client.waitForBackends("web", ["a"]);
		await client.waitForBackends("mutual", ["m"]);
		await client.waitForBackends("clear", ["clear"]);
		const before = backend.requests;
		for (const service of ["wrong-name", "system"]) {
			const { ok, failures } = await client.calls(service, 2);
			expect([service, ok, failures.length], failures.join("\n")).toEqual([service, 0, 2]);
			expect(failures.join()).not.toMatch(/DEADLINE/i);
		}
		expect(backend.requests).toBe(before);
		expect(await fingerpost.nacks()).toEqual([]);
	});

	it("takes the system's CAs where no file is named", async () => {
		const inPlace = (text: string) => text.replaceAll(SYSTEM_CAS, pki.path("ca.crt"));
		const own = ["--upstream-cert", pki.path("client.crt"), "--upstream-key", pki.path("client.key")];
		await using client = await start(["--upstream-tls", ...(casAlone ? [] : own)], inPlace);
		await client.waitForBackends("system", ["a"]);
		// Without a certificate it does not reach those that want one.
		if (casAlone) expect(await client.calls("mutual", 1)).toMatchObject({ ok: 0, failed: 1 });
		expect(await fingerpost.nacks()).toEqual([]);
	});

	it("without certificate providers gets no cluster that it could only reach in clear, and is told so (G13)", async () => {
		await using client = await start([]);
		await client.waitForBackends("clear", ["clear"]);
		const failing = client.calls("web", 1);
		const problem = await waitUntil("the problem is shown", async () => (await fingerpost.service("web")).problems[0]);
		expect(problem).toMatchObject({ type: "cds", family: "grpc", reason: "withheld" });
		expect(await failing).toMatchObject({ ok: 0, failed: 1 });
		expect(await fingerpost.nacks()).toEqual([]);
	});
}
