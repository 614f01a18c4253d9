import { expect, it } from "vitest";
import { startBackends, startGrpcBackend } from "../../lab/backends.js";
import { Fingerpost } from "../../lab/fingerpost.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";

it("a gRPC client goes on with what it has of a service that has become too large for it", async () => {
	await using owned = new AsyncDisposableStack();
	const { a, b } = owned.use(await startBackends(startGrpcBackend, "a", "b"));
	const service = (endpoints: readonly string[]) => ({ protocol: "grpc", endpoints });
	await using fingerpost = await Fingerpost.start({
		services: { big: service([a.address]), other: service([a.address]) },
	});
	await using client = new GrpcXdsClient({ port: fingerpost.xdsPort });
	await client.waitForBackends("big", ["a"]);
	await client.startLoad("big");

	const fillers = Array.from({ length: 150_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:80`);
	await fingerpost.setServices({ big: service([b.address, ...fillers]) });
	await fingerpost.waitForWarning(/too large/);
	// The stream goes on: what is asked for now arrives.
	await client.waitForBackends("other", ["a"]);
	await fingerpost.setServices({ other: service([b.address]) });
	await client.waitForBackends("other", ["b"]);
	await client.waitForBackends("big", ["a"]);

	await fingerpost.setServices({ big: service([b.address]) });
	await client.waitForBackends("big", ["b"]);
	expect(await client.stopLoad("big")).toMatchObject({ failed: 0, failures: [] });
	expect(await fingerpost.nacks()).toEqual([]);
	const connected = fingerpost.log.filter(({ msg }) => msg === "client connected");
	expect(connected).toHaveLength(1);
});
