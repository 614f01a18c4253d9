import { expect, it } from "vitest";
import type { ServiceConfig } from "../../../lab/fingerpost.js";
import type { Language } from "../../../lab/grpc-clients.js";
import { type GrpcLab, grpcService } from "../../../lab/grpc-lab.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { AT_ONCE } from "./at-once.js";

/** Services that change, come and go, as a client of the language sees them. The grace is 5 s. */
export function testLifecycle(language: Language, lab: () => GrpcLab): void {
	// grpc-java takes an empty assignment for an error, and goes on with the endpoints that it has.
	const keepsLast = language === "java";
	const whenEmpty = keepsLast ? "goes on as before" : "fails at once";

	async function expectNoEndpoints(service: string, last: string): Promise<void> {
		const { client, fingerpost } = lab();
		await waitUntil("the client has been told", async () =>
			(await fingerpost.clients()).every(({ types }) => types.eds?.synced !== false),
		);
		if (keepsLast) {
			expect(await client.calls(service, 20)).toMatchObject({ failed: 0, byBackend: { [last]: 20 } });
			return;
		}
		const { slowest } = await waitUntil(`${service} fails`, async () => {
			const result = await client.calls(service, 1);
			return result.failed === 1 && result;
		});
		expect(slowest).toBeLessThan(AT_ONCE);
	}

	it("follows every kind of change under load, without a failed call", async () => {
		const { client, fingerpost, backends } = lab();
		const [a, b, c, d] = Object.values(backends).map(({ address }) => address) as [string, string, string, string];
		const locality = { region: "eu", zone: "eu-1" };
		const changes: readonly (readonly [ServiceConfig, readonly string[]])[] = [
			[grpcService(a), ["a"]],
			[grpcService(a, b), ["a", "b"]],
			[grpcService(b, c), ["b", "c"]],
			[grpcService({ address: b, weight: 50 }, { address: c, weight: 150 }), ["b", "c"]],
			[grpcService({ address: b, locality }, { address: c, priority: 1 }), ["b"]],
			[grpcService({ address: b, health: "draining" }, c, { address: d, locality }), ["c", "d"]],
			[grpcService(a, a), ["a"]],
		];
		const follow = async ([service, names]: (typeof changes)[number]) => {
			await fingerpost.setServices({ busy: service });
			await client.waitForBackends("busy", names);
		};
		await follow(changes[0] as (typeof changes)[number]);
		await lab().underLoad("busy", async () => {
			for (const change of changes.slice(1)) await follow(change);
		});
	});

	it(`${whenEmpty} when the last endpoint becomes unhealthy, and calls it when it is healthy again`, async () => {
		const { client, fingerpost, backends } = lab();
		const setHealth = (health: string) =>
			fingerpost.setServices({ frail: grpcService({ address: backends.a.address, health }) });
		await setHealth("healthy");
		await client.waitForBackends("frail", ["a"]);
		await setHealth("unhealthy");
		await waitUntil("it has no ready endpoint", async () => (await fingerpost.service("frail")).endpoints.ready === 0);
		await expectNoEndpoints("frail", "a");
		await setHealth("healthy");
		await client.waitForBackends("frail", ["a"]);
	});

	it("answers a call that came before its service", async () => {
		const { client, fingerpost, backends } = lab();
		const early = client.calls("late", 1, 1, 60_000);
		await waitUntil("Fingerpost has been asked for it", async () =>
			(await fingerpost.clients()).some(({ types }) => types.lds?.names.includes("late")),
		);
		await fingerpost.setServices({ late: grpcService(backends.c.address) });
		expect(await early).toMatchObject({ failures: [], byBackend: { c: 1 } });
	});

	it("keeps a service that is removed and added again within the grace, without a failed call", async () => {
		const { client, fingerpost, backends } = lab();
		const guest = grpcService(backends.b.address);
		await fingerpost.setServices({ guest });
		await client.waitForBackends("guest", ["b"]);
		await lab().underLoad("guest", async () => {
			await fingerpost.setServices({ guest: undefined });
			await waitUntil("guest is leaving", async () => (await fingerpost.service("guest")).state === "removing");
			await fingerpost.setServices({ guest });
			await waitUntil("guest is back", async () => (await fingerpost.service("guest")).state === "synced");
			// Longer than the grace: a removal that was not called off would show.
			await lab().waitForCalls("guest", 1_100);
		});
	});

	// G6: without ignore_resource_deletion in the bootstrap grpc-js would never find it again.
	it(`${whenEmpty} after the grace, and finds the service again when it comes back`, async () => {
		const { client, fingerpost, backends } = lab();
		await fingerpost.setServices({ guest: undefined });
		await waitUntil("guest is gone", async () => !(await fingerpost.services()).some(({ name }) => name === "guest"));
		await expectNoEndpoints("guest", "b");
		await fingerpost.setServices({ guest: grpcService(backends.c.address) });
		await client.waitForBackends("guest", ["c"]);
	});
}
