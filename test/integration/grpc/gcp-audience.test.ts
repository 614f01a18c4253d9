import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { startGrpcBackend } from "../../../lab/backends.js";
import { CertificateLab } from "../../../lab/certificate-lab.js";
import { Fingerpost } from "../../../lab/fingerpost.js";
import { findClient, LANGUAGES } from "../../../lab/grpc-clients.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { runProgram } from "../../cli/run-program.js";

const AUDIENCE = "https://web.example";

/** A token that is good for an hour; nobody looks at its signature. */
function token(): string {
	const part = (of: object) => Buffer.from(JSON.stringify(of)).toString("base64url");
	const exp = Math.floor(Date.now() / 1_000) + 3_600;
	return [part({ alg: "RS256", typ: "JWT" }), part({ aud: AUDIENCE, exp, iat: exp - 3_600 }), "c2lnbmF0dXJl"].join(".");
}

/** What a machine on Google Cloud asks for its tokens. */
async function startMetadataServer() {
	const asked: string[] = [];
	const given = token();
	const server = createServer(({ url = "" }, response) => {
		asked.push(url);
		response.setHeader("metadata-flavor", "Google").end(given);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked,
		token: given,
		async [Symbol.asyncDispose]() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

/** gRFC A83. grpc-go 1.85 does not register its filter, and grpc-js 1.14 has none. Who has it and is not on Google Cloud fails its calls. */
const SEEN = { js: "nothing", go: "nothing", python: "the look-up", java: "the token" } as const;

describe.each(LANGUAGES)("gcpAudience, in the gRPC client in %s", async (language) => {
	const program = await findClient(language);
	const seen = SEEN[language];

	it.skipIf("missing" in program)(
		seen === "nothing"
			? "changes nothing, and is not rejected"
			: "has it bring a token for it, where a service says so",
		async () => {
			if ("missing" in program) return;
			await using metadata = await startMetadataServer();
			await using pki = await CertificateLab.create();
			const tls = { sni: "web.internal", ca: pki.path("ca.crt") };
			const names = { names: ["web.internal"] };
			await using backend = await startGrpcBackend("a", { tls: await pki.server(names), says: "authorization" });
			const service = { protocol: "grpc", target: backend.address, tls };
			const services = { with: { ...service, gcpAudience: AUDIENCE }, without: service };
			await using fingerpost = await Fingerpost.start({ services });
			const own = ["--upstream-cert", pki.path("client.crt"), "--upstream-key", pki.path("client.key")];
			const all = ["--server", `127.0.0.1:${fingerpost.xdsPort}`, "--upstream-ca", pki.path("ca.crt"), ...own];
			const { stdout: bootstrap } = await runProgram(["bootstrap", "grpc", ...all]);
			const env = { GCE_METADATA_HOST: metadata.address };
			await using client = new GrpcXdsClient({ port: fingerpost.xdsPort, program, bootstrap, env });
			await client.waitForBackends("without", [""]);
			if (seen === "nothing") await client.waitForBackends("with", [""]);
			else if (seen === "the token") {
				await client.waitForBackends("with", [`Bearer ${metadata.token}`]);
				expect(metadata.asked.join()).toContain(`audience=${AUDIENCE}`);
			} else {
				// It knows the server by its name alone, which is none here.
				await waitUntil("it looks for the metadata server", async () =>
					(await client.calls("with", 1)).failures.join().includes("metadata.google.internal"),
				);
			}
			expect(await fingerpost.nacks()).toEqual([]);
		},
	);
});
