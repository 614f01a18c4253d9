import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CertificateLab } from "../../../../lab/certificate-lab.js";
import { waitUntil } from "../../../../lab/wait-until.js";
import { Handshakes } from "../../../../src/server/transport/door/handshakes.js";
import { FollowedTls } from "../../../../src/util/tls/followed-tls.js";

const AT_ONCE = 256;

let pki: CertificateLab;
let server: Server;
let handshakes: Handshakes;
const over = vi.fn();
const secured = vi.fn();
const refused = vi.fn();
const following = new AbortController();

beforeEach(async () => {
	pki = await CertificateLab.create();
	const files = { cert: pki.path("server.crt"), key: pki.path("server.key"), clientCa: pki.path("ca.crt") };
	const tls = new FollowedTls({ ...files, minVersion: "1.3" }, { changed: () => {}, failed: () => {} });
	await tls.start(following.signal);
	handshakes = new Handshakes(tls, false, { secured, over, changed: () => {}, refused });
	server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
	await once(server, "listening");
});
afterEach(async () => {
	following.abort();
	server.close();
	await pki[Symbol.asyncDispose]();
});

function port(): number {
	return (server.address() as AddressInfo).port;
}

/** A connection whose handshake is begun, and whose client sends nothing. */
async function half(): Promise<Socket> {
	const client = connect(port(), "127.0.0.1").on("error", () => {});
	const [accepted] = (await once(server, "connection")) as [Socket];
	handshakes.begin(accepted);
	return client;
}

it("is full with 256 that are open, until one of them is over or they have become slow", async () => {
	const clients: Socket[] = [];
	for (let i = 0; i < AT_ONCE; i++) {
		expect(handshakes.isFull(performance.now() - 60_000)).toBe(false);
		clients.push(await half());
	}
	// As it would be at the time at which the first one began, however long it took this test.
	const begun = performance.now() - 60_000;
	expect(handshakes.isFull(begun)).toBe(true);
	expect(over).not.toHaveBeenCalled();
	clients.pop()?.destroy();
	await waitUntil("one is over", () => over.mock.calls.length === 1);
	expect(handshakes.isFull(begun)).toBe(false);

	// One that gets through makes room as well, before it closes.
	const client = connectTls({
		port: port(),
		host: "127.0.0.1",
		ca: pki.authority.cert,
		...pki.client,
		ALPNProtocols: ["h2"],
	});
	client.on("error", () => {});
	const [accepted] = (await once(server, "connection")) as [Socket];
	handshakes.begin(accepted);
	expect(handshakes.isFull(begun)).toBe(true);
	await waitUntil("it is secured", () => secured.mock.calls.length === 1);
	expect(over).toHaveBeenCalledTimes(2);
	expect(handshakes.isFull(begun)).toBe(false);

	clients.push(await half());
	expect(handshakes.isFull(begun)).toBe(true);
	expect(handshakes.isFull(performance.now() + 1_000)).toBe(false);
	// Those that were slow do not count again, nor are told of, when they are over.
	over.mockClear();
	for (const each of [client, ...clients]) each.destroy();
	await waitUntil("all are gone", () => refused.mock.calls.length === AT_ONCE + 1);
	expect(over).not.toHaveBeenCalled();
});
