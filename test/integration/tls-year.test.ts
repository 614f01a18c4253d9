import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

/** `TLS_YEAR_SECONDS=60 TLS_YEAR_CLIENTS=200` is the year in a minute. */
const SECONDS = Number(process.env.TLS_YEAR_SECONDS ?? 15);
const CLIENTS = Number(process.env.TLS_YEAR_CLIENTS ?? 10);
/** Of a certificate, in milliseconds; longer on a machine that is too busy for a handshake within it. */
const LIFE = 2_000;
const MAX_LIFE = 30_000;
const MIB = 1_024 * 1_024;
/** What V8 has not collected yet, of so small a server. */
const SLACK = 64 * MIB;

function used({ pid }: Fingerpost): { handles: number; memory: number } {
	const status = readFileSync(`/proc/${pid}/status`, "utf8");
	return {
		handles: readdirSync(`/proc/${pid}/fd`).length,
		memory: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024,
	};
}

it("certificates of two seconds, renewed again and again: nobody stays out, and nothing is left", {
	timeout: 300_000 + SECONDS * 1_000,
}, async () => {
	await using pki = await CertificateLab.create();
	const files = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	await using fingerpost = await Fingerpost.start({ xds: { tls: files }, services: { web: "127.0.0.1:80" } });
	let life = LIFE;
	const ending = () => new Date(Date.now() + life);

	/** Comes with a certificate of its own, has the clusters, and goes. */
	async function visit(i: number): Promise<boolean> {
		const names = [`spiffe://lab.test/${i}`];
		const pair = await pki.authority.issue({ commonName: "c", names, usage: "client", notAfter: ending() });
		using stream = new XdsStream({ port: fingerpost.xdsPort, channel: pki.channel(pair) });
		stream.send({ node: { id: `c${i}` }, type_url: TYPE_URL.cds });
		return await stream
			.next("clusters", () => true)
			.then(
				() => true,
				() => false,
			);
	}

	let isOver = false;
	let renewals = 0;
	async function renew(): Promise<void> {
		while (!isOver) {
			await pki.putPair("server", await pki.server({ notAfter: ending() }));
			renewals++;
			await delay(life / 4);
		}
	}
	const tally = { served: 0, refused: 0 };
	async function client(i: number, end: number): Promise<void> {
		for (let served = 0; performance.now() < end || served < 3; ) {
			const isServed = await visit(i);
			tally[isServed ? "served" : "refused"]++;
			if (isServed) served++;
			else life = Math.min(life * 1.2, MAX_LIFE);
		}
	}

	// What is made once is made before it is counted.
	await waitUntil("it serves", () => visit(0));
	await waitUntil("nobody is there", async () => (await fingerpost.clients()).length === 0);
	const before = used(fingerpost);
	const renewing = renew();
	const end = performance.now() + SECONDS * 1_000;
	await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i, end)));
	isOver = true;
	await renewing;
	expect(renewals).toBeGreaterThan(2);
	expect(tally.served, JSON.stringify(tally)).toBeGreaterThanOrEqual(CLIENTS * 3);
	await waitUntil("what was opened is closed", () => used(fingerpost).handles <= before.handles + 3);
	await waitUntil("the memory is back", () => used(fingerpost).memory < before.memory + SLACK);
	// It goes on with the next certificate.
	await pki.putPair("server", await pki.server());
	await waitUntil("it serves with the last one", () => visit(0));
});
