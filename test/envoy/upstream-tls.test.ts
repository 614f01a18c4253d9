import { join } from "node:path";
import { expect, it } from "vitest";
import { type Backend, startHttpBackend } from "../../lab/backends.js";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { envoyBootstrap } from "../../lab/envoy-bootstrap.js";
import { Fingerpost, type ServiceConfig } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { secretFiles } from "../../src/cli/bootstrap/envoy-tls.js";

async function answer(envoy: Envoy, service: string): Promise<string> {
	const response = await fetch(envoy.ingress, { headers: { "x-service": service } });
	return response.ok ? response.text() : String(response.status);
}

async function isAnswered(envoy: Envoy, service: string, by: string): Promise<void> {
	await waitUntil(`${service} is answered by ${by}`, async () => (await answer(envoy, service)) === by);
}

/** @param counter of the cluster, which says why. */
async function failsClosed(envoy: Envoy, backend: Backend, service: string, counter: string): Promise<void> {
	const before = backend.requests;
	await waitUntil(`${service} is refused`, async () => {
		expect(await answer(envoy, service)).toMatch(/^503$/);
		return (await envoy.stat(`cluster.${service}.ssl.${counter}`)) > 0;
	});
	expect(backend.requests).toBe(before);
}

describeEnvoys("TLS to endpoints", ({ binary, mode }) => {
	it("connects to who has the name and the CA, and to nobody else", async () => {
		await using pki = await CertificateLab.create();
		await using other = await CertificateLab.create();
		const names = ["web.internal", "127.0.0.1", "spiffe://lab.test/web"];
		await using backend = await startHttpBackend("a", { tls: await pki.server({ names }) });
		await using clear = await startHttpBackend("clear");
		const [ca, target] = [pki.path("ca.crt"), backend.address];
		const of = (tls: object): ServiceConfig => ({ target, tls });
		await using fingerpost = await Fingerpost.start({
			services: {
				name: of({ ca, sni: "web.internal" }),
				"spiffe-id": of({ ca, subjectAltNames: ["spiffe://lab.test/other", "spiffe://lab.test/web"] }),
				address: { target: `https://${target}`, tls: { ca } },
				"wrong-name": of({ ca, sni: "api.internal" }),
				"wrong-ca": of({ ca: other.path("ca.crt"), sni: "web.internal" }),
				"system-roots": `https://${target}`,
				clear: clear.address,
			},
		});
		const bootstrap = envoyBootstrap({ mode, xds: [fingerpost.xdsPort] });
		await using envoy = await Envoy.start(binary, bootstrap);
		for (const service of ["name", "spiffe-id", "address"]) await isAnswered(envoy, service, "a");
		await isAnswered(envoy, "clear", "clear");
		await failsClosed(envoy, backend, "wrong-name", "fail_verify_san");
		await failsClosed(envoy, backend, "wrong-ca", "fail_verify_error");
		await failsClosed(envoy, backend, "system-roots", "fail_verify_error");
		// From one to the other and back, without a restart.
		await fingerpost.setServices({
			"wrong-name": of({ ca, sni: "web.internal" }),
			clear: of({ ca, sni: "api.internal" }),
		});
		await isAnswered(envoy, "wrong-name", "a");
		await failsClosed(envoy, backend, "clear", "fail_verify_san");
		expect(await fingerpost.nacks()).toEqual([]);
		expect(await envoy.rejected()).toBe(0);
	});

	it("has each endpoint of several hosts show its own name", async () => {
		await using pki = await CertificateLab.create();
		await using local = await startHttpBackend("local", { tls: await pki.server({ names: ["localhost"] }) });
		const [, port] = local.address.split(":");
		// Its certificate has a name of the service, but not its own.
		await using wrong = await startHttpBackend("wrong", { tls: await pki.server({ names: ["localhost"] }) });
		const [, wrongPort] = wrong.address.split(":");
		const ca = pki.path("ca.crt");
		await using fingerpost = await Fingerpost.start({
			services: {
				mixed: {
					tls: { ca },
					targets: [`https://localhost:${port}`, `https://wrong.localhost:${wrongPort}`],
				},
			},
		});
		await using envoy = await Envoy.start(binary, envoyBootstrap({ mode, xds: [fingerpost.xdsPort] }));
		await isAnswered(envoy, "mixed", "local");
		await waitUntil("the other one is refused", async () => {
			await answer(envoy, "mixed");
			return (await envoy.stat("cluster.mixed.ssl.fail_verify_san")) > 0;
		});
		expect(wrong.requests).toBe(0);
		expect(await fingerpost.nacks()).toEqual([]);
	});

	it("brings a certificate of its own, from a file that it follows or of its static secrets", async () => {
		await using pki = await CertificateLab.create();
		const tls = { ...(await pki.server()), clientCa: pki.authority.cert };
		await using backend = await startHttpBackend("mutual", { tls });
		const { ca, client } = secretsOf(pki);
		await pki.put("client.yaml", client);
		const [day, names] = [86_400_000, ["spiffe://lab.test/late"]];
		const [notBefore, notAfter] = [new Date(Date.now() - 2 * day), new Date(Date.now() - day)];
		const expired = { commonName: "late", names, usage: "client", notBefore, notAfter } as const;
		await pki.putPair("client", await pki.authority.issue(expired));
		const withCertificate = { ca, clientCertificate: { name: "client", file: pki.path("client.yaml") } };
		await using fingerpost = await Fingerpost.start({
			services: {
				mutual: { target: `https://${backend.address}`, tls: withCertificate },
				static: { target: `https://${backend.address}`, tls: { ca, clientCertificate: "default" } },
				without: { target: `https://${backend.address}`, tls: { ca } },
			},
		});
		const bootstrap = envoyBootstrap({ mode, xds: [fingerpost.xdsPort] }) as { static_resources: object };
		const { cert, key } = pki.client;
		const secret = { certificate_chain: { inline_string: cert }, private_key: { inline_string: key } };
		Object.assign(bootstrap.static_resources, { secrets: [{ name: "default", tls_certificate: secret }] });
		await using envoy = await Envoy.start(binary, bootstrap);
		await isAnswered(envoy, "static", "mutual");
		expect(await answer(envoy, "mutual")).toBe("503");
		await pki.putPair("client", pki.client);
		await isAnswered(envoy, "mutual", "mutual");
		expect(await answer(envoy, "without")).toBe("503");
		expect(await fingerpost.nacks()).toEqual([]);
	});
});

function secretsOf(pki: CertificateLab): { readonly ca: string; readonly client: string } {
	const files = { ca: pki.path("ca.crt"), cert: pki.path("client.crt"), key: pki.path("client.key") };
	return { ca: files.ca, client: JSON.stringify(secretFiles({ ...files, secrets: join(pki.folder) })["client.yaml"]) };
}
