import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { expect, it } from "vitest";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { LeftoversProbe } from "../../lab/leftovers-probe.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

/** A new certificate a day. */
const ROTATIONS = 365;
const CLIENTS = 200;
/** Rotations after which somebody new comes in, and after which all who stay get a change. */
const VISIT_AFTER = 5;
const CHANGE_AFTER = 73;
/** Rotations after which what there is once is there. */
const SETTLED_AFTER = 30;
const MIB = 1_024 * 1_024;
/** What V8 and the allocator keep beside what is in use. */
const HEAP_SLACK = 8 * MIB;
const RSS_SLACK = 64 * MIB;

/** Asks for `web`, and stays. */
class Staying implements Disposable {
	readonly #stream: XdsStream;
	readonly #names = { type_url: TYPE_URL.eds, resource_names: ["web"] };

	constructor(port: number, pki: CertificateLab, id: string) {
		this.#stream = new XdsStream({ port, channel: pki.channel() });
		this.#stream.send({ ...this.#names, node: { id } });
	}

	/** Waits until the stream, which is still the same one, has the endpoint with that port, and ACKs it. */
	async has(port: number): Promise<void> {
		const fits = (response: object) => JSON.stringify(response).includes(`"port_value":${port}`);
		const { nonce, version } = await this.#stream.next(`port ${port}`, fits);
		this.#stream.send({ ...this.#names, response_nonce: nonce, version_info: version });
	}

	[Symbol.dispose](): void {
		this.#stream[Symbol.dispose]();
	}
}

/** The certificate that the server shows to who connects now. */
async function shown(port: number, pki: CertificateLab): Promise<string | undefined> {
	const { cert, key } = pki.client;
	const who = { ca: pki.authority.cert, cert, key, servername: "localhost" };
	const socket = connect({ host: "127.0.0.1", port, ...who, ALPNProtocols: ["h2"] });
	try {
		await once(socket, "secureConnect");
		return socket.getPeerX509Certificate()?.fingerprint256;
	} finally {
		socket.destroy();
	}
}

it(`${ROTATIONS} certificates, one after the other: ${CLIENTS} streams stay, whoever comes gets in, and nothing is left`, async () => {
	await using pki = await CertificateLab.create();
	const probe = new LeftoversProbe(pki.folder);
	const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	const of = (port: number) => ({ web: { endpoints: [`127.0.0.1:${port}`] } });
	await using fingerpost = await Fingerpost.start({ xds: { tls }, services: of(1) }, { env: probe.env });
	const { xdsPort } = fingerpost;
	const used = () => fingerpost.log.filter(({ msg }) => msg === "new TLS files are in use").length;

	using held = new DisposableStack();
	const staying = Array.from({ length: CLIENTS }, (_, i) => held.use(new Staying(xdsPort, pki, `staying-${i}`)));
	const all = (port: number) => Promise.all(staying.map((each) => each.has(port)));
	await all(1);
	const streams = async () => (await fingerpost.clients()).map(({ stream }) => stream).sort((a, b) => a - b);
	const before = await streams();
	expect(before).toHaveLength(CLIENTS);

	/** With a certificate that is as new as the server's. */
	async function visit(n: number): Promise<void> {
		const names = [`spiffe://lab.test/${n}`];
		const pair = await pki.authority.issue({ commonName: "c", names, usage: "client" });
		using stream = new XdsStream({ port: xdsPort, channel: pki.channel(pair) });
		stream.send({ node: { id: `visitor-${n}` }, type_url: TYPE_URL.eds, resource_names: ["web"] });
		await stream.next("endpoints", () => true);
	}
	async function settled() {
		await waitUntil("who came has gone", async () => (await fingerpost.clients()).length === CLIENTS);
		return probe.count(fingerpost);
	}

	let early = await settled();
	for (let n = 1; n <= ROTATIONS; n++) {
		const pair = await pki.server();
		await pki.putPair("server", pair);
		await waitUntil("the files are in use", () => used() === n, { interval: 5 });
		if (n % VISIT_AFTER === 0) {
			expect(await shown(xdsPort, pki)).toBe(new X509Certificate(pair.cert).fingerprint256);
			await visit(n);
		}
		if (n % CHANGE_AFTER === 0) {
			await fingerpost.setServices(of(n));
			await all(n);
		}
		if (n === SETTLED_AFTER) early = await settled();
	}
	expect(await streams()).toEqual(before);
	expect(fingerpost.log.filter(({ level }) => level === "error")).toEqual([]);

	await waitUntil("no more is open than was", async () => {
		const late = await settled();
		if (late.descriptors <= early.descriptors + 3 && late.timers <= early.timers + 3) return true;
		throw new Error(JSON.stringify({ early, late }));
	});
	const late = await settled();
	expect(late.secureContexts).toBeLessThanOrEqual(early.secureContexts + 2);
	expect(late.heap).toBeLessThan(early.heap + HEAP_SLACK);
	expect(late.rss).toBeLessThan(early.rss + RSS_SLACK);
});
