import { readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { ControlPlane } from "../../src/app/control-plane.js";

/** `TLS_YEAR_SECONDS=60 TLS_YEAR_CLIENTS=200` is the year in a minute. */
const SECONDS = Number(process.env.TLS_YEAR_SECONDS ?? 15);
const CLIENTS = Number(process.env.TLS_YEAR_CLIENTS ?? 20);
/** Of a certificate, in milliseconds. */
const LIFE = 2_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function handles(): number {
	return readdirSync("/proc/self/fd").length;
}

it("certificates of two seconds, renewed for a while: nobody stays out, and nothing is left", {
	timeout: 300_000,
}, async () => {
	await using pki = await CertificateLab.create();
	const shortServer = () => pki.server({ notAfter: new Date(Date.now() + LIFE) });
	const shortClient = (i: number) => {
		const notAfter = new Date(Date.now() + LIFE);
		return pki.authority.issue({ commonName: "c", names: [`spiffe://lab.test/${i}`], usage: "client", notAfter });
	};
	await pki.putPair("server", await shortServer());
	const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	const listen = "127.0.0.1:0";
	await using controlPlane = new ControlPlane({
		xds: { listen, tls },
		admin: { listen },
		services: { web: "127.0.0.1:80" },
	});
	const { xds } = await controlPlane.start();

	/** Comes with a certificate, has the clusters, and goes. */
	async function visit(i: number): Promise<boolean> {
		using stream = new XdsStream({ port: xds.port, channel: pki.channel(await shortClient(i)) });
		stream.send({ node: { id: `c${i}` }, type_url: TYPE_URL.cds });
		return await stream
			.next("clusters", () => true)
			.then(
				() => true,
				() => false,
			);
	}

	let end = Number.POSITIVE_INFINITY;
	let isOver = false;
	let renewals = 0;
	const tally = { served: 0, refused: 0 };
	async function renew(): Promise<void> {
		while (!isOver) {
			await pki.putPair("server", await shortServer());
			renewals++;
			await delay(LIFE / 4);
		}
	}
	async function client(i: number): Promise<void> {
		// On a busy machine a certificate may end before its handshake does: it comes again.
		for (let visits = 0; performance.now() < end || visits < 3; ) {
			const isServed = await visit(i);
			tally[isServed ? "served" : "refused"]++;
			if (isServed) visits++;
		}
	}

	// What is made once is made before it is counted.
	const renewing = renew();
	await waitUntil("it serves", () => visit(0));
	collect();
	const before = { handles: handles(), heap: process.memoryUsage().heapUsed };
	end = performance.now() + SECONDS * 1_000;
	await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)));
	isOver = true;
	await renewing;
	await pki.putPair("server", await pki.server());
	await waitUntil("it serves after the last renewal", () => visit(0));
	expect(renewals).toBeGreaterThan(SECONDS / 2);
	expect(tally.served, JSON.stringify(tally)).toBeGreaterThanOrEqual(CLIENTS * 3);
	await waitUntil("what was opened is closed", () => handles() <= before.handles + 5);
	await waitUntil("the memory is back", () => {
		collect();
		return process.memoryUsage().heapUsed < before.heap + 8 * 1_024 * 1_024;
	});
});
