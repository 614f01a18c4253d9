import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { CertificateLab } from "../../lab/certificate-lab.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

const [CONNECTIONS, SHARE, COMING] = [4_000, 1_000, 1_500];
const MIB = 1_024 * 1_024;
/** A record of a ClientHello of 512 bytes, of which only the first ones come. */
const HALF_HELLO = Buffer.from("160301020001 0001fc0303".replaceAll(" ", ""), "hex");

function residentBytes(pid: number): number {
	return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024;
}

it("handshakes that one address begins and never ends have their share, and are over after their time", {
	timeout: 180_000,
}, async () => {
	await using pki = await CertificateLab.create();
	const tls = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	const config = { xds: { tls, limits: { connections: CONNECTIONS } }, services: { web: { endpoints: [] } } };
	await using fingerpost = await Fingerpost.start(config);
	using good = new XdsStream({ port: fingerpost.xdsPort, channel: pki.channel() });
	good.send({ node: { id: "good" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
	await good.next("endpoints", () => true);
	const before = residentBytes(fingerpost.pid);

	const open = new Set<Socket>();
	let ended = 0;
	for (let i = 0; i < COMING; i++) {
		// From another address than the good one's, as a peer is one.
		const socket = connect({ port: fingerpost.xdsPort, host: "127.0.0.1", localAddress: "127.0.0.2" });
		open.add(socket);
		socket
			.on("error", () => {})
			.on("close", () => {
				ended++;
				open.delete(socket);
			});
		socket.write(HALF_HELLO);
		if (i % 100 === 99) await new Promise(setImmediate);
	}
	// What is above the share is refused before any of the handshakes is over.
	await waitUntil("those above the share are refused", () => ended >= COMING - SHARE);
	await fingerpost.setServices({ web: { endpoints: ["127.0.0.1:81"] } });
	await good.next("the change, meanwhile", ({ resources }) => JSON.stringify(resources).includes("81"));
	using late = new XdsStream({ port: fingerpost.xdsPort, channel: pki.channel() });
	late.send({ node: { id: "late" }, type_url: TYPE_URL.eds, resource_names: ["web"] });
	await late.next("endpoints, for who comes meanwhile", () => true);
	expect(residentBytes(fingerpost.pid) - before).toBeLessThan(200 * MIB);
	await waitUntil("all of them are ended", () => open.size === 0);
	// Told once for the address and reason, not a thousand times.
	const told = fingerpost.log.filter(({ text }) => text.includes("its handshake took too long"));
	expect(told.length).toBeLessThanOrEqual(1);
	const metrics = await fingerpost.get("/metrics");
	const refusals = [...metrics.matchAll(/^fingerpost_tls_refusals_total\S* (\d+)$/gm)];
	expect(refusals.reduce((sum, [, count]) => sum + Number(count), 0)).toBeGreaterThan(0);
});
