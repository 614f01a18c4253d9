import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { startHttpBackend } from "../../lab/backends.js";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { runProgram } from "../cli/run-program.js";

async function answer(envoy: Envoy): Promise<string> {
	const response = await fetch(envoy.ingress, { headers: { host: "web" } });
	return response.ok ? response.text() : String(response.status);
}

describeEnvoys("an Envoy by mutual TLS, with what bootstrap writes", ({ binary, mode }) => {
	it("gets its clusters, is known by its certificate, and follows new ones of both ends", async () => {
		await using pki = await CertificateLab.create();
		await using first = await startHttpBackend("a");
		await using second = await startHttpBackend("b");
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
		const services = { web: { endpoints: [first.address] } };
		await using fingerpost = await Fingerpost.start({ xds: { tls }, services });
		const out = join(pki.folder, "envoy");
		const files = ["--ca", pki.path("ca.crt"), "--cert", pki.path("client.crt"), "--key", pki.path("client.key")];
		const { stderr } = await runProgram([
			...["bootstrap", "envoy", "--server", `127.0.0.1:${fingerpost.xdsPort}`, "--tls", ...files, "--out", out],
			...["--listen", "127.0.0.1:10000", "--service", "web", ...(mode === "sotw" ? ["--sotw"] : [])],
		]);
		expect(stderr).toBe("");
		const bootstrap = parse(
			(await readFile(join(out, "envoy.yaml"), "utf8")).replaceAll(/port_value: (10000|19000)/g, "port_value: 0"),
		);
		await using envoy = await Envoy.start(binary, bootstrap);
		await waitUntil("the request gets through", async () => (await answer(envoy)) === "a");
		// The server's next certificate, and the client's; then a new control plane, so that both are used.
		await pki.putPair("server", await pki.server());
		const next = await pki.authority.issue({ commonName: "next", names: ["spiffe://lab.test/next"], usage: "client" });
		await pki.putPair("client", next);
		await waitUntil("the server has it", () => fingerpost.log.some(({ msg }) => msg === "new TLS files are in use"));
		await fingerpost.kill();
		await fingerpost.startAgain();
		await fingerpost.setServices({ web: { endpoints: [second.address] } });
		await waitUntil("the change is there", async () => (await answer(envoy)) === "b");
		const known = (await fingerpost.clients()).map(({ identity }) => identity);
		expect(new Set(known)).toEqual(new Set(["spiffe://lab.test/next"]));
		expect(await fingerpost.nacks()).toEqual([]);
	});

	it("does not believe a control plane of another name", async () => {
		await using pki = await CertificateLab.create();
		await pki.putPair("server", await pki.server({ names: ["other.test"] }));
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key") };
		await using fingerpost = await Fingerpost.start({ xds: { tls }, services: { web: "127.0.0.1:80" } });
		const { stdout } = await runProgram([
			...["bootstrap", "envoy", "--server", `127.0.0.1:${fingerpost.xdsPort}`, "--tls", "--ca", pki.path("ca.crt")],
			...["-o", "json"],
		]);
		const bootstrap = JSON.parse(stdout.replaceAll(/"port_value": (10000|19000)/g, '"port_value": 0'));
		// It waits for its first answer for ever: what it has of the connection says enough.
		bootstrap.dynamic_resources.cds_config.initial_fetch_timeout = "1s";
		await using envoy = await Envoy.start(binary, bootstrap);
		await waitUntil("Envoy refuses", async () =>
			/cluster\.fingerpost-xds\.ssl\.fail_verify_san: [1-9]/.test(await envoy.get("/stats")),
		);
	});
});
