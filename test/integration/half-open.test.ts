import { connect } from "node:net";
import { expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { startRelay } from "../../lab/relay.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";

// As long as the server's keepalive takes: 30 s to the ping and 10 s for its answer.
it("ends a stream whose connection died silently, and connections that never began, and keeps one that is merely quiet", {
	timeout: 240_000,
}, async () => {
	await using fingerpost = await Fingerpost.start({ services: { web: { endpoints: [] } } });
	await using relay = await startRelay(fingerpost.xdsPort);
	using dead = new XdsStream({ port: relay.port });
	// Nothing at all, the beginning of HTTP/2's preface, and the whole: these wait for ever to get a place.
	const waiting = ["", "PRI * HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"].map((text) => {
		const socket = connect(fingerpost.xdsPort, "127.0.0.1").on("error", () => {});
		socket.write(text);
		return socket.resume();
	});
	using quiet = new XdsStream({ port: fingerpost.xdsPort });
	for (const [stream, id] of [
		[dead, "dead"],
		[quiet, "quiet"],
	] as const) {
		stream.send({ type_url: TYPE_URL.eds, node: { id }, resource_names: ["web"] });
		await stream.next("endpoints", () => true);
	}
	relay.fallSilent();
	const nodes = async () => (await fingerpost.clients()).map(({ node }) => node);
	expect((await nodes()).sort()).toEqual(["dead", "quiet"]);
	await waitUntil("the dead one is gone", async () => !(await nodes()).includes("dead"), {
		timeout: 120_000,
		interval: 250,
	});
	expect(await nodes()).toEqual(["quiet"]);
	await waitUntil("the others are gone, too", () => waiting.every((socket) => socket.closed));
});
