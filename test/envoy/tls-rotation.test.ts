import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { startHttpBackend } from "../../lab/backends.js";
import { CertificateLab, SPIFFE_ID } from "../../lab/certificate-lab.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { Envoy } from "../../lab/envoy.js";
import { ENVOY_VERSIONS } from "../../lab/envoy-binary.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { ask, Load } from "../../lab/load.js";
import { SdsServer } from "../../lab/sds-server.js";
import { waitUntil } from "../../lab/wait-until.js";
import { Authority } from "../../src/cli/certificates/authority.js";
import { runProgram } from "../cli/run-program.js";

const NEW_FILES = "new TLS files are in use";

/** What `bootstrap envoy --tls --out` writes, with ports that the system picks. */
async function bootstrapOf(pki: CertificateLab, fingerpost: Fingerpost, more: readonly string[]): Promise<object> {
	const out = join(pki.folder, "envoy");
	const files = ["--ca", pki.path("ca.crt"), "--cert", pki.path("client.crt"), "--key", pki.path("client.key")];
	const server = `127.0.0.1:${fingerpost.xdsPort}`;
	const { stderr } = await runProgram([
		"bootstrap",
		"envoy",
		"--server",
		server,
		"--tls",
		...files,
		"--out",
		out,
		...more,
	]);
	expect(stderr).toBe("");
	return parse(
		(await readFile(join(out, "envoy.yaml"), "utf8")).replaceAll(/port_value: (10000|19000)/g, "port_value: 0"),
	);
}

describeEnvoys(
	"certificates that are replaced under load",
	({ binary, mode }) => {
		it("fail no request; old streams stay while their CA does, and come again when it goes", async () => {
			await using pki = await CertificateLab.create();
			await using first = await startHttpBackend("a");
			await using second = await startHttpBackend("b");
			const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
			await using fingerpost = await Fingerpost.start({
				xds: { tls },
				services: { web: { endpoints: [first.address] } },
			});
			const more = ["--service", "web", ...(mode === "sotw" ? ["--sotw"] : [])];
			await using envoy = await Envoy.start(binary, await bootstrapOf(pki, fingerpost, more));
			await using load = new Load({ url: envoy.ingress, service: "web", rate: 200 });
			await waitUntil("requests are answered", () => load.result.ok > 20);

			let used = 0;
			async function isUsed(): Promise<void> {
				const before = used;
				await waitUntil("the files are in use", () => {
					used = fingerpost.log.filter(({ msg }) => msg === NEW_FILES).length;
					return used > before;
				});
			}
			const streams = async () => (await fingerpost.clients()).map(({ stream }) => stream);

			const [old] = [await streams()];
			await pki.putPair("server", await pki.server());
			await isUsed();
			// Another CA, with overlap: all trust both, then the certificates change, then the old CA goes.
			const next = await Authority.create("next");
			await pki.put("ca.crt", `${pki.authority.cert}${next.cert}`);
			await isUsed();
			const names = ["localhost", "127.0.0.1"];
			await pki.putPair("server", await next.issue({ commonName: "server", names, usage: "server" }));
			await isUsed();
			await pki.putPair("client", await next.issue({ commonName: "c", names: [SPIFFE_ID], usage: "client" }));
			expect(await streams()).toEqual(old);
			await fingerpost.setServices({ web: { endpoints: [second.address] } });
			await waitUntil("the change is there, by the old stream", () => (load.result.byBackend.b ?? 0) > 20);
			expect(await streams()).toEqual(old);

			await pki.put("ca.crt", next.cert);
			await waitUntil("the stream of the old CA has ended, and another is there", async () => {
				const now = await streams();
				return now.length > 0 && now.every((each) => !old.includes(each));
			});
			await fingerpost.setServices({ web: { endpoints: [first.address] } });
			const before = load.result.byBackend.a ?? 0;
			await waitUntil("the change is there, by the new stream", () => (load.result.byBackend.a ?? 0) > before + 20);
			// A client is listed from its first request on.
			await waitUntil("the new stream is that client's", async () => {
				const identities = (await fingerpost.clients()).map(({ identity }) => identity);
				return identities.length > 0 && identities.every((identity) => identity === SPIFFE_ID);
			});
			expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
			expect(await fingerpost.nacks()).toEqual([]);
		});
	},
	{ versions: ENVOY_VERSIONS },
);

const DAY = 86_400_000;
const at = (offset: number) => new Date(Date.now() + offset);

describeEnvoys("an Envoy that Fingerpost does not let in", ({ binary, mode }) => {
	it("is refused with the reason, whatever is wrong with its certificate", async () => {
		await using pki = await CertificateLab.create();
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
		await using fingerpost = await Fingerpost.start({ xds: { tls }, services: {} });
		const client = { commonName: "c", names: ["spiffe://lab.test/c"], usage: "client" } as const;
		const other = await Authority.create("other");
		const bootstrap = (await bootstrapOf(pki, fingerpost, mode === "sotw" ? ["--sotw"] : [])) as {
			dynamic_resources: { cds_config: { initial_fetch_timeout: string } };
		};
		// It waits for its first answer for ever: here it is to start without.
		bootstrap.dynamic_resources.cds_config.initial_fetch_timeout = "1s";
		await pki.putPair("client", await other.issue(client));
		await using envoy = await Envoy.start(binary, bootstrap);
		const isTold = (reason: string) =>
			waitUntil(reason, () => fingerpost.log.some(({ text }) => text.includes(reason)));
		await isTold("its certificate is of no CA in clientCa");
		await pki.putPair("client", await pki.authority.issue({ ...client, notBefore: at(-2 * DAY), notAfter: at(-DAY) }));
		await isTold("its certificate has expired");
		await pki.putPair("client", await pki.authority.issue({ ...client, notBefore: at(DAY), notAfter: at(2 * DAY) }));
		await isTold("its certificate is not valid yet");
		expect(await fingerpost.clients()).toEqual([]);
		// Nothing else was wrong.
		await pki.putPair("client", pki.client);
		await waitUntil("it is let in", async () => (await fingerpost.clients()).length > 0);
		expect(await envoy.rejected()).toBe(0);
	});
});

describeEnvoys("an Envoy with SPIRE's agent", ({ binary, mode }) => {
	it("has its certificate and CAs by SDS over the agent's socket, also for endpoints, and follows them", async () => {
		await using pki = await CertificateLab.create();
		const names = ["spiffe://lab.test/fingerpost"];
		await pki.putPair("server", await pki.server({ names }));
		const own = (name: string) => pki.authority.issue({ commonName: "e", names: [name], usage: "client" });
		const ca = pki.authority.cert;
		const socket = pki.path("agent.sock");
		await using agent = await SdsServer.start(socket, { ca, ...(await own("spiffe://lab.test/one")) });
		await using first = await startHttpBackend("a", { tls: { ...(await pki.server()), clientCa: ca } });
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
		const clientCertificate = { name: "default", cluster: "spire_agent" };
		const web = {
			target: first.address,
			tls: { ca: pki.path("ca.crt"), subjectAltNames: ["127.0.0.1"], clientCertificate },
		};
		await using fingerpost = await Fingerpost.start({ xds: { tls }, services: { web } });
		const server = ["--server", `127.0.0.1:${fingerpost.xdsPort}`, "--server-name", names[0] as string];
		const more = ["--service", "web", "-o", "json", ...(mode === "sotw" ? ["--sotw"] : [])];
		const { stdout } = await runProgram(["bootstrap", "envoy", ...server, "--tls", "--spire", socket, ...more]);
		await using envoy = await Envoy.start(
			binary,
			JSON.parse(stdout.replaceAll(/"port_value": (10000|19000)/g, '"port_value": 0')),
		);
		await waitUntil("the request gets through", async () => (await ask(envoy.ingress, "web")).body === "a");
		const known = async () => new Set((await fingerpost.clients()).map(({ identity }) => identity));
		expect(await known()).toEqual(new Set(["spiffe://lab.test/one"]));
		agent.set({ ca, ...(await own("spiffe://lab.test/two")) });
		await fingerpost.kill();
		await fingerpost.startAgain();
		await waitUntil("it is known by its new certificate", async () => (await known()).has("spiffe://lab.test/two"));
		expect(agent.rejected).toBe(0);
		expect(await fingerpost.nacks()).toEqual([]);
	});
});
