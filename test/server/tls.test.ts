import { mkdir, rename, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import type { ChannelCredentials } from "@grpc/grpc-js";
import { type Logger, pino } from "pino";
import { describe, expect, it } from "vitest";
import { CertificateLab, SPIFFE_ID } from "../../lab/certificate-lab.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { ControlPlane } from "../../src/app/control-plane.js";
import { Authority, type Issued } from "../../src/cli/certificates/authority.js";

const CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

interface Line {
	readonly msg: string;
	readonly error?: string;
	readonly note?: string;
	readonly identity?: string;
}

function memoryLog(): { log: Logger; lines: Line[] } {
	const lines: Line[] = [];
	const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
	return { log, lines };
}

/** A control plane with TLS. */
class TlsLab implements AsyncDisposable {
	readonly lines: Line[];
	readonly controlPlane: ControlPlane;
	readonly pki: CertificateLab;
	port = 0;
	rest = 0;
	admin = 0;

	private constructor(pki: CertificateLab, tls: object) {
		const { log, lines } = memoryLog();
		this.pki = pki;
		this.lines = lines;
		const listen = "127.0.0.1:0";
		const files = { cert: pki.path("server.crt"), key: pki.path("server.key"), ...tls };
		this.controlPlane = new ControlPlane(
			{
				xds: { listen, tls: files, rest: { listen } },
				admin: { listen },
				services: { web: "127.0.0.1:80" },
			},
			{ log },
		);
	}

	static async start(tls: (pki: CertificateLab) => object = (pki) => ({ clientCa: pki.path("ca.crt") })) {
		const pki = await CertificateLab.create();
		const lab = new TlsLab(pki, tls(pki));
		try {
			const { xds, rest, admin } = await lab.controlPlane.start();
			lab.port = xds.port;
			lab.rest = rest?.port ?? 0;
			lab.admin = admin.port;
		} catch (error) {
			await lab[Symbol.asyncDispose]();
			throw error;
		}
		return lab;
	}

	/** A stream that has the clusters. */
	async stream(channel: ChannelCredentials = this.pki.channel()): Promise<XdsStream> {
		const stream = new XdsStream({ port: this.port, channel });
		try {
			stream.send({ node: { id: "tls-client" }, type_url: CDS });
			await stream.next("clusters", () => true);
			return stream;
		} catch (error) {
			stream[Symbol.dispose]();
			throw error;
		}
	}

	/** How a client is told that it does not get in: its stream ends. */
	async refused(channel: ChannelCredentials): Promise<void> {
		using stream = new XdsStream({ port: this.port, channel });
		stream.send({ node: { id: "refused" }, type_url: CDS });
		const { code } = await stream.status;
		expect(code).toBe(14);
	}

	/** Why clients were refused so far. */
	reasons(): (string | undefined)[] {
		return this.lines.filter(({ msg }) => msg.startsWith("client refused")).map(({ error }) => error);
	}

	has(msg: string, error?: RegExp): boolean {
		return this.lines.some((line) => line.msg === msg && (!error || error.test(line.error ?? "")));
	}

	/** The certificate that a new connection is shown. */
	shown(): Promise<PeerCertificate> {
		return shownAt(this.port, this.pki);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.controlPlane.stop();
		await this.pki[Symbol.asyncDispose]();
	}
}

function shownAt(port: number, pki: CertificateLab): Promise<PeerCertificate> {
	return new Promise((resolve, reject) => {
		const { cert, key } = pki.client;
		const socket: TLSSocket = connect(
			{ port, host: "127.0.0.1", cert, key, rejectUnauthorized: false, ALPNProtocols: ["h2"] },
			() => {
				resolve(socket.getPeerCertificate());
				socket.destroy();
			},
		).on("error", reject);
	});
}

async function serialOf(lab: TlsLab): Promise<string> {
	return (await lab.shown()).serialNumber.toLowerCase();
}

describe("xDS by TLS", () => {
	it("serves who brings a certificate of the CA, SotW and by REST, by h2 and TLS 1.3", async () => {
		await using lab = await TlsLab.start();
		using _ = await lab.stream();
		const { cert, key } = lab.pki.client;
		const socket = connect({
			port: lab.port,
			host: "127.0.0.1",
			cert,
			key,
			ca: lab.pki.authority.cert,
			ALPNProtocols: ["h2"],
		});
		await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
		expect([socket.alpnProtocol, socket.getProtocol()]).toEqual(["h2", "TLSv1.3"]);
		socket.destroy();
		expect(await poll(lab, { cert, key, ca: lab.pki.authority.cert })).toBe(200);
		await expect(poll(lab, { ca: lab.pki.authority.cert })).rejects.toThrow();
	});

	it("takes TLS 1.2, unless minVersion says 1.3; and never 1.1", async () => {
		for (const [minVersion, version, works] of [
			["1.2", "TLSv1.2", true],
			["1.3", "TLSv1.2", false],
			["1.2", "TLSv1.1", false],
		] as const) {
			await using lab = await TlsLab.start(() => ({ minVersion }));
			const outcome = await new Promise<boolean>((resolve) => {
				const options = { port: lab.port, host: "127.0.0.1", ALPNProtocols: ["h2"], rejectUnauthorized: false };
				const ciphers = "DEFAULT@SECLEVEL=0";
				const socket = connect({ ...options, ciphers, minVersion: version, maxVersion: version }, () => resolve(true));
				socket.on("error", () => resolve(false));
				socket.on("secureConnect", () => socket.destroy());
			});
			expect([minVersion, version, outcome]).toEqual([minVersion, version, works]);
			if (!works)
				await waitUntil("the reason is told", () =>
					lab.reasons().includes("it offers only TLS versions below minVersion"),
				);
		}
	});

	it("without clientCa serves who brings none", async () => {
		await using lab = await TlsLab.start(() => ({}));
		using _ = await lab.stream(lab.pki.channel(null));
	});

	const day = 86_400_000;
	const client = { commonName: "c", names: ["spiffe://lab.test/c"], usage: "client" } as const;
	const cases: [string, (pki: CertificateLab) => Promise<Issued | null>, string][] = [
		["no certificate", async () => null, "it brings no certificate"],
		[
			"one of another CA",
			async () => (await Authority.create("other")).issue(client),
			"its certificate is of no CA in clientCa",
		],
		[
			"one that has expired",
			(pki) => pki.authority.issue({ ...client, notBefore: at(-2 * day), notAfter: at(-day) }),
			"its certificate has expired",
		],
		[
			"one that is not valid yet",
			(pki) => pki.authority.issue({ ...client, notBefore: at(day), notAfter: at(2 * day) }),
			"its certificate is not valid yet",
		],
		[
			"one for servers",
			(pki) => pki.authority.issue({ ...client, usage: "server" }),
			"its certificate is not one for clients",
		],
	];
	it.each(cases)("refuses %s, and says why once", async (_, issue, reason) => {
		await using lab = await TlsLab.start();
		const channel = lab.pki.channel(await issue(lab.pki));
		await lab.refused(channel);
		await lab.refused(channel);
		await waitUntil("the reason is told", () => lab.reasons().length > 0);
		expect(lab.reasons()).toEqual([reason]);
	});

	it("refuses what a list has revoked, from the moment that the list says so", async () => {
		const pki = await CertificateLab.create();
		await using _ = pki;
		await pki.put("crl.pem", await pki.authority.revoke([]));
		await using controlled = await startWithList(pki);
		const { port, lines, controlPlane } = controlled;
		using stream = new XdsStream({ port, channel: pki.channel() });
		stream.send({ node: { id: "a" }, type_url: CDS });
		await stream.next("clusters", () => true);
		const other = await pki.authority.issue({ commonName: "other", names: ["b.test"], usage: "client" });
		using stays = new XdsStream({ port, channel: pki.channel(other) });
		stays.send({ node: { id: "c" }, type_url: CDS });
		await stays.next("clusters", () => true);
		await pki.put("crl.pem", await pki.authority.revoke([pki.client.serial]));
		await waitUntil("the list is in use", () => lines.some(({ msg }) => msg === "new TLS files are in use"));
		using late = new XdsStream({ port, channel: pki.channel() });
		late.send({ node: { id: "b" }, type_url: CDS });
		expect((await late.status).code).toBe(14);
		await waitUntil("the reason is told", () => lines.some(({ error }) => error === "its certificate is revoked"));
		// Who is in already is ended, and nobody else is.
		const { code, details } = await stream.status;
		expect([code, details]).toEqual([16, "the client's certificate is revoked, or crl has no list of its CA any more"]);
		controlPlane.set("other", ["127.0.0.1:81"]);
		await stays.next("the new cluster", ({ resources }) => resources.length === 2);
	});

	it("tells of plain clients, of those that want no h2, and ends what is half open", async () => {
		await using lab = await TlsLab.start();
		const plain = connectTcp(lab.port, "127.0.0.1", () => plain.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
		await closed(plain);
		const old = connect({ port: lab.port, host: "127.0.0.1", ...lab.pki.client, rejectUnauthorized: false });
		await closed(old);
		await closed(connectTcp(lab.port, "127.0.0.1"));
		await waitUntil("the reasons are told", () => lab.reasons().length === 3);
		expect(lab.reasons()).toEqual([
			"it does not speak TLS",
			"it does not offer h2 by ALPN",
			"its handshake took too long",
		]);
	});
});

describe("who a client is by TLS", () => {
	it("is shown, by the SPIFFE ID or DNS name of its certificate", async () => {
		await using lab = await TlsLab.start();
		const named = { commonName: "c", names: ["A.test", "b.test"], usage: "client" } as const;
		using _first = await lab.stream();
		using _second = await lab.stream(lab.pki.channel(await lab.pki.authority.issue(named)));
		const connected = lab.lines.filter(({ msg }) => msg === "client connected").map(({ identity }) => identity);
		expect(connected).toEqual([SPIFFE_ID, "dns:a.test"]);
		const answer = await fetch(`http://127.0.0.1:${lab.admin}/api/v1/clients`);
		const { clients } = (await answer.json()) as { clients: { identity: string }[] };
		expect(clients.map(({ identity }) => identity)).toEqual(connected);
	});

	it("is also:NAME where the address that it came to has one, in clear beside TLS", async () => {
		await using pki = await CertificateLab.create();
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
		const listen = "127.0.0.1:0";
		const also = [{ listen, identity: "local" }, { listen: "[::1]:0" }];
		await using controlPlane = new ControlPlane({ xds: { listen, tls, also }, admin: { listen }, services: {} });
		const { also: [local, nobody] = [], admin } = await controlPlane.start();
		expect(nobody?.host).toBe("::1");
		using stream = new XdsStream({ port: local?.port ?? 0 });
		stream.send({ node: { id: "plain" }, type_url: CDS });
		await stream.next("clusters", () => true);
		const { clients } = (await (await fetch(`http://127.0.0.1:${admin.port}/api/v1/clients`)).json()) as {
			clients: { node: string; identity: string }[];
		};
		expect(clients).toMatchObject([{ node: "plain", identity: "also:local" }]);
	});

	it("ends with its certificate, and with it the stream", async () => {
		await using lab = await TlsLab.start();
		const short = { commonName: "c", names: ["c.test"], usage: "client", notAfter: at(4_000) } as const;
		using stream = await lab.stream(lab.pki.channel(await lab.pki.authority.issue(short)));
		const { code, details } = await stream.status;
		expect([code, details]).toEqual([16, "the client's certificate has expired; connect again with the next one"]);
	});
});

describe("the files of TLS", () => {
	it("are followed through renames; old connections stay, and new ones see the new certificate", async () => {
		await using lab = await TlsLab.start();
		using stream = await lab.stream();
		const before = await serialOf(lab);
		const next = await lab.pki.server();
		await lab.pki.putPair("server", next);
		await waitUntil("the new certificate is shown", async () => (await serialOf(lab)) === next.serial);
		expect(before).not.toBe(next.serial);
		lab.controlPlane.set("other", ["127.0.0.1:81"]);
		await stream.next("the new cluster", ({ resources }) => resources.length === 2);
	});

	it("are followed through the swap of a link, as of a ConfigMap", async () => {
		const pki = await CertificateLab.create();
		await using _ = pki;
		const folder = async (name: string, { cert, key }: Issued) => {
			await mkdir(pki.path(name));
			await writeFile(pki.path(`${name}/tls.crt`), cert);
			await writeFile(pki.path(`${name}/tls.key`), key);
		};
		await folder("one", await pki.server());
		await pki.link("data", "one");
		const tls = { cert: pki.path("data/tls.crt"), key: pki.path("data/tls.key") };
		await using controlPlane = new ControlPlane({
			xds: { listen: "127.0.0.1:0", tls },
			admin: { listen: "127.0.0.1:0" },
			services: {},
		});
		const { xds } = await controlPlane.start();
		const next = await pki.server();
		await folder("two", next);
		await pki.link("data", "two");
		await waitUntil("the new certificate is shown", async () => {
			return (await shownAt(xds.port, pki)).serialNumber.toLowerCase() === next.serial;
		});
	});

	it("are not taken while they do not fit or are half written, and that is told", async () => {
		await using lab = await TlsLab.start();
		const before = await serialOf(lab);
		const next = await lab.pki.server();
		await lab.pki.put("server.crt", next.cert);
		await waitUntil("it is told", () =>
			lab.has("the TLS files cannot be used; what was in use stays", /is not the key/),
		);
		expect(await serialOf(lab)).toBe(before);
		await writeFile(lab.pki.path("ca.crt"), lab.pki.authority.cert.slice(0, 200));
		await lab.pki.put("server.key", next.key);
		await waitUntil("it is told", () => lab.has("the TLS files cannot be used; what was in use stays", /is not whole/));
		expect(await serialOf(lab)).toBe(before);
		await lab.pki.put("ca.crt", lab.pki.authority.cert);
		await waitUntil("the new certificate is shown", async () => (await serialOf(lab)) === next.serial);
	});

	it("give a CA of clients that follows another, with both for a while", async () => {
		await using lab = await TlsLab.start();
		const other = await Authority.create("next");
		const its = await other.issue({ commonName: "c", names: ["c.test"], usage: "client" });
		await lab.refused(lab.pki.channel(its));
		await lab.pki.put("ca.crt", lab.pki.authority.cert + other.cert);
		await waitUntil("the new CA counts", () => lab.has("new TLS files are in use"));
		using _old = await lab.stream();
		using _new = await lab.stream(lab.pki.channel(its));
		await lab.pki.put("ca.crt", other.cert);
		await waitUntil(
			"the old CA counts no more",
			() => lab.lines.filter(({ msg }) => msg === "new TLS files are in use").length === 2,
		);
		await lab.refused(lab.pki.channel());
	});

	it("that cannot be used end the start, with the key and the file", async () => {
		const pki = await CertificateLab.create();
		await using _ = pki;
		await rename(pki.path("client.key"), pki.path("server.key"));
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key") };
		const listen = "127.0.0.1:0";
		await using controlPlane = new ControlPlane({ xds: { listen, tls }, admin: { listen }, services: {} });
		await expect(controlPlane.start()).rejects.toThrow(/^xds\.tls: .*server\.key is not the key of the certificate in/);
	});

	it("that expire within 30 days are warned of, in the log, by the API and as a metric", async () => {
		const pki = await CertificateLab.create();
		await using _ = pki;
		const notAfter = new Date(Date.now() + 3.5 * 86_400_000);
		await pki.putPair("server", await pki.server({ notAfter }));
		const { log, lines } = memoryLog();
		const tls = { cert: pki.path("server.crt"), key: pki.path("server.key") };
		const listen = "127.0.0.1:0";
		await using controlPlane = new ControlPlane({ xds: { listen, tls }, admin: { listen }, services: {} }, { log });
		const { admin } = await controlPlane.start();
		const note = `expires in 3 days, at ${new Date(Math.floor(notAfter.getTime() / 1_000) * 1_000).toISOString()}`;
		expect(lines.find(({ msg }) => msg === "the certificate needs to be replaced")).toMatchObject({ note });
		const url = `http://127.0.0.1:${admin.port}`;
		expect(await (await fetch(`${url}/api/v1/config`)).json()).toMatchObject({
			certificates: [{ listener: "xds", subject: "CN=server", note }],
		});
		const seconds = Math.floor(notAfter.getTime() / 1_000);
		expect(await (await fetch(`${url}/metrics`)).text()).toContain(
			`fingerpost_certificate_not_after_timestamp_seconds{listener="xds"} ${seconds}\n`,
		);
	});
});

function at(ms: number): Date {
	return new Date(Date.now() + ms);
}

function closed(socket: Socket): Promise<void> {
	socket.on("error", () => {});
	socket.resume();
	return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** A control plane that has the lists of the folder from the start. */
async function startWithList(pki: CertificateLab) {
	const { log, lines } = memoryLog();
	const tls = {
		cert: pki.path("server.crt"),
		key: pki.path("server.key"),
		clientCa: pki.path("ca.crt"),
		crl: pki.path("crl.pem"),
	};
	const listen = "127.0.0.1:0";
	const services = { web: "127.0.0.1:80" };
	const controlPlane = new ControlPlane({ xds: { listen, tls }, admin: { listen }, services }, { log });
	const { xds } = await controlPlane.start();
	return { port: xds.port, lines, controlPlane, [Symbol.asyncDispose]: () => controlPlane.stop() };
}

/** A poll of endpoints; its HTTP status. */
function poll(lab: TlsLab, tls: { cert?: string; key?: string; ca: string }): Promise<number> {
	return new Promise((resolve, reject) => {
		const asked = request(
			{ port: lab.rest, host: "127.0.0.1", method: "POST", path: "/v3/discovery:endpoints", ...tls, agent: false },
			(response) => {
				response.resume();
				resolve(response.statusCode ?? 0);
			},
		);
		asked.on("error", reject);
		asked.end(JSON.stringify({ node: { id: "rest" }, type_url: EDS, resource_names: ["web"] }));
	});
}
