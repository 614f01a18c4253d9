import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Backend, startGrpcBackend } from "../lab/backends.js";
import { Fingerpost, type ServiceConfig } from "../lab/fingerpost.js";
import { GrpcXdsClient } from "../lab/grpc-xds-client.js";
import { waitUntil } from "../lab/wait-until.js";

describe("a real grpc-js client that calls xds:///NAME", () => {
	const owned = new AsyncDisposableStack();
	let a: Backend;
	let b: Backend;
	let c: Backend;
	let fingerpost: Fingerpost;
	let client: GrpcXdsClient;

	const grpc = (...endpoints: unknown[]): ServiceConfig => ({ protocol: "grpc", endpoints });

	beforeAll(async () => {
		[a, b, c] = [
			owned.use(await startGrpcBackend("a")),
			owned.use(await startGrpcBackend("b")),
			owned.use(await startGrpcBackend("c")),
		];
		fingerpost = owned.use(
			await Fingerpost.start({
				removalGrace: "2s",
				services: {
					web: grpc(a.address),
					weighted: grpc({ address: a.address, weight: 50 }, { address: b.address, weight: 150 }),
					health: grpc(
						a.address,
						{ address: b.address, health: "draining" },
						{ address: c.address, health: "unhealthy" },
						{ address: "127.0.0.1:1", weight: 0 },
					),
					last: grpc({ address: a.address, health: "unhealthy" }, { address: b.address, health: "degraded" }),
					moving: grpc(a.address),
					twice: grpc(a.address, b.address, a.address),
					guest: grpc(b.address),
					empty: grpc(),
				},
			}),
		);
		client = owned.use(new GrpcXdsClient({ port: fingerpost.xdsPort }));
	});
	afterAll(() => owned.disposeAsync());
	afterEach(async () => expect(await fingerpost.nacks()).toEqual([]));

	it("reaches the back end", async () => {
		expect(await client.calls("web", 20)).toMatchObject({ ok: 20, failed: 0, byBackend: { a: 20 } });
		const [shown] = await fingerpost.clients();
		expect(shown).toMatchObject({ node: "lab-grpc", family: "grpc" });
		expect(shown?.userAgent).toContain("gRPC Node Pure JS");
	});

	it("follows weights 1:3", async () => {
		await client.waitForBackends("weighted", ["a", "b"]);
		const { ok, byBackend } = await client.calls("weighted", 2_000, 4);
		expect(ok).toBe(2_000);
		expect(Math.abs((byBackend.a ?? 0) - 500), JSON.stringify(byBackend)).toBeLessThan(100);
	});

	it("follows weights that change at run time", async () => {
		await fingerpost.setServices({
			weighted: grpc({ address: a.address, weight: 150 }, { address: b.address, weight: 50 }),
		});
		await waitUntil("a gets three of four", async () => {
			const { failed, byBackend } = await client.calls("weighted", 400, 4);
			expect(failed).toBe(0);
			return (byBackend.a ?? 0) > 260 && (byBackend.b ?? 0) > 60;
		});
	});

	it("leaves out what is draining, unhealthy or has weight 0", async () => {
		expect(await client.calls("health", 60)).toMatchObject({ failed: 0, byBackend: { a: 60 } });
	});

	it("uses a degraded endpoint where no better one is left", async () => {
		expect(await client.calls("last", 20)).toMatchObject({ failed: 0, byBackend: { b: 20 } });
	});

	it("moves to an endpoint that changes at run time, without a failed call", async () => {
		await client.startLoad("moving");
		await client.waitForBackends("moving", ["a"]);
		await fingerpost.setServices({ moving: grpc(c.address) });
		await client.waitForBackends("moving", ["c"]);
		expect(await client.stopLoad("moving")).toMatchObject({ failed: 0, failures: [] });
	});

	it("is not harmed by an endpoint that is written twice", async () => {
		await client.waitForBackends("twice", ["a", "b"]);
	});

	it("fails at once where a service has no endpoints", async () => {
		const started = performance.now();
		const { failed, failures } = await client.calls("empty", 1);
		expect(failed).toBe(1);
		expect(failures[0]).toContain("UNAVAILABLE");
		expect(performance.now() - started).toBeLessThan(3_000);
	});

	it("keeps a service that is removed and added again within the grace, without a failed call", async () => {
		await client.waitForBackends("guest", ["b"]);
		await client.startLoad("guest", 100);
		await fingerpost.setServices({ guest: undefined });
		await waitUntil("guest is leaving", async () => (await fingerpost.service("guest")).state === "removing");
		await fingerpost.setServices({ guest: grpc(b.address) });
		await waitUntil("guest is back", async () => (await fingerpost.service("guest")).state === "synced");
		// Longer than the grace: a removal that was not called off would show.
		const until = b.requests + 250;
		await waitUntil("guest is served on", () => b.requests > until);
		expect(await client.stopLoad("guest")).toMatchObject({ failed: 0, failures: [] });
	});

	it("finds a service again that comes back after the grace", async () => {
		await fingerpost.setServices({ guest: undefined });
		await waitUntil("guest is gone", async () => !(await fingerpost.services()).some(({ name }) => name === "guest"));
		await waitUntil("calls fail", async () => (await client.calls("guest", 1)).failed === 1);
		await fingerpost.setServices({ guest: grpc(c.address) });
		await client.waitForBackends("guest", ["c"]);
	});

	it("fails no call while Fingerpost is killed and started again, and follows it afterwards", async () => {
		await client.startLoad("web");
		const running = a.requests + 50;
		await waitUntil("the load runs", () => a.requests > running);
		await fingerpost.kill("SIGKILL");
		const down = a.requests + 100;
		await waitUntil("the load goes on without Fingerpost", () => a.requests > down);
		await fingerpost.startAgain();
		await waitUntil("the client is back", async () => (await fingerpost.clients())[0]?.types.eds?.synced, {
			timeout: 20_000,
		});
		await fingerpost.setServices({ web: grpc(b.address) });
		await client.waitForBackends("web", ["b"]);
		expect(await client.stopLoad("web")).toMatchObject({ failed: 0, failures: [] });
	});
});
