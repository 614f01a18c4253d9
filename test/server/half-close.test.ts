import { connect } from "node:http2";
import { describe, expect, it } from "vitest";
import { DeltaDiscoveryResponse, DiscoveryResponse } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import { frameOf } from "../../src/server/wire/message-frame.js";
import { ADS, HostileLab, url } from "./hostile-lab.js";

type Response = Pick<DeltaDiscoveryResponse | DiscoveryResponse, "typeUrl" | "resources">;

/** Sends all requests in one piece with the end of the client's side. @returns the responses that came. */
async function ask(lab: HostileLab, requests: readonly Uint8Array[]): Promise<Response[]> {
	const session = connect(`http://127.0.0.1:${lab.port}`);
	const stream = session.request({
		":method": "POST",
		":path": `/envoy.service.${ADS[lab.mode]}`,
		"content-type": "application/grpc",
		te: "trailers",
	});
	const pieces: Buffer[] = [];
	stream.on("data", (piece: Buffer) => pieces.push(piece));
	stream.end(Buffer.concat(requests.map((request) => frameOf([request]))));
	await new Promise((resolve) => stream.on("close", resolve));
	session.close();
	const responses: Response[] = [];
	for (let rest = Buffer.concat(pieces); rest.length > 0; ) {
		const end = 5 + rest.readUInt32BE(1);
		const message = rest.subarray(5, end);
		responses.push(lab.mode === "delta" ? DeltaDiscoveryResponse.decode(message) : DiscoveryResponse.decode(message));
		rest = rest.subarray(end);
	}
	return responses;
}

describe.each(["sotw", "delta"] as const)("a client that asks and ends its side at once, %s,", (mode) => {
	it("gets the answers to all that it asked for, though the first of them takes long", async () => {
		await using lab = await HostileLab.start(mode);
		// All of these are encoded for the first who asks for endpoints.
		lab.changeAll(Array.from({ length: 5_000 }, (_, i) => `s${i}`));
		const requests = [lab.request("eds", ["s1"], { node: { id: "tool" } }), lab.request("cds", ["s2"])];
		const responses = await ask(lab, requests);
		expect(responses.map(({ typeUrl }) => typeUrl).sort()).toEqual([url("cds"), url("eds")]);
	});
});

it("a delta client that asks for more than it may in a second and ends its side gets all of it", async () => {
	await using lab = await HostileLab.start("delta", { requestsPerSecond: 5 });
	const names = Array.from({ length: 10 }, (_, i) => `s${i}`);
	for (const name of names) lab.change(name);
	const requests = names.map((name, i) => lab.request("eds", [name], i === 0 ? { node: { id: "tool" } } : {}));
	const responses = await ask(lab, requests);
	expect(responses.reduce((sum, { resources }) => sum + resources.length, 0)).toBe(10);
});
