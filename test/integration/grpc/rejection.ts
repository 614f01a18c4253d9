import { expect, it } from "vitest";
import { startBackends, startGrpcBackend } from "../../../lab/backends.js";
import { FaultyServer } from "../../../lab/faulty-server.js";
import type { ClientProgram } from "../../../lab/grpc-clients.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { waitUntil } from "../../../lab/wait-until.js";

/** What the client makes of a service that it rejects. */
export function testRejection(program: ClientProgram): void {
	it("rejects a service once (G11), keeps calling what it had of it, and follows the others and the mended one", async () => {
		await using backends = await startBackends(startGrpcBackend, "a", "b");
		const [a, b] = [backends.a.address, backends.b.address];
		await using server = await FaultyServer.start({ good: a, spoilt: a }, "grpc");
		await using client = new GrpcXdsClient({ port: server.port, program });
		for (const name of ["good", "spoilt"]) await client.waitForBackends(name, ["a"]);
		await client.startLoad("spoilt", 100);

		server.set({ good: b, spoilt: "bad" }, "grpc");
		await client.waitForBackends("good", ["b"]);
		const nack = await waitUntil("the culprit is known", () => server.rejected().find(({ searching }) => !searching));
		expect(nack.resources).toEqual(["spoilt"]);
		expect(server.nacks).toBeLessThanOrEqual(1 + 2);
		const { nacks } = server;
		server.set({ good: a }, "grpc");
		await client.waitForBackends("good", ["a"]);
		expect(server.nacks).toBe(nacks);

		// Whoever comes now gets the newest one first, rejects it, too, and then gets the last one that was accepted.
		await using second = new GrpcXdsClient({ port: server.port, program, node: "second" });
		await second.waitForBackends("spoilt", ["a"]);
		expect(server.nacks).toBe(nacks + 1);

		server.set({ spoilt: b }, "grpc");
		for (const each of [client, second]) await each.waitForBackends("spoilt", ["b"]);
		await waitUntil("nothing is rejected any more", () => server.rejected().length === 0);
		expect(await client.stopLoad("spoilt")).toMatchObject({ failed: 0, failures: [] });
	});
}
