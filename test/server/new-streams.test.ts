import { connect, type IncomingHttpHeaders } from "node:http2";
import { describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import { ADS, HostileLab } from "./hostile-lab.js";

describe.each(["sotw", "delta"] as const)("a new stream, %s,", (mode) => {
	it("has its response headers before the client has sent a request", async () => {
		await using lab = await HostileLab.start(mode);
		const session = connect(`http://127.0.0.1:${lab.port}`);
		const stream = session.request({
			":method": "POST",
			":path": `/envoy.service.${ADS[mode]}`,
			"content-type": "application/grpc",
			te: "trailers",
		});
		const headers = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
			stream.once("response", resolve);
			stream.once("error", reject);
		});
		expect(headers).toMatchObject({ ":status": 200, "content-type": "application/grpc+proto" });
		expect(headers["grpc-status"]).toBeUndefined();
		session.destroy();
	});

	it("that asks for no endpoints is not synced, and it is told once that these have no wildcard", async () => {
		await using lab = await HostileLab.start(mode);
		const stream = lab.stream();
		const node = { node: { id: "idle" } };
		for (const type of ["eds", "rds", "cds", "eds"] as const) stream.sendBytes(lab.request(type, [], node));
		await waitUntil("the wildcard is answered", () => stream.responses.length > 0);
		const client = lab.server.clients().find(({ node }) => node === "idle");
		expect(lab.idle).toEqual(["idle eds", "idle rds"]);
		expect(client?.types).toMatchObject({
			eds: { asksNothing: true, synced: false },
			rds: { asksNothing: true, synced: false },
			cds: { asksNothing: false },
		});
	});
});
