import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClientProgram, FoundClient } from "../../../lab/grpc-clients.js";
import { GrpcLab, grpcService } from "../../../lab/grpc-lab.js";
import { waitUntil } from "../../../lab/wait-until.js";

interface OtherClient {
	readonly found: FoundClient;
	/** What its bootstrap has before the address of the control plane. */
	readonly scheme?: "http://";
	/** The part of the answers of a and b, of weights 1:3. */
	readonly shares: Readonly<Record<"a" | "b", number>>;
	/** What follows the names of its services. */
	readonly suffix?: string;
	/** Whom Fingerpost takes it for; a gRPC client unless given. */
	readonly family?: "envoy";
	/** Whether it calls endpoints that are not ready; it does not unless given. */
	readonly ignoresHealth?: boolean;
	/** Whether it goes on calling what is gone; it does not unless given. */
	readonly keepsGone?: boolean;
	/** Calls that it makes without a Fingerpost; 20 unless given. */
	readonly callsAlone?: number;
}

/** A client that is not made everywhere: the rest is skipped, with the reason, where it cannot be made. */
export function testOtherClient(name: string, client: OtherClient): void {
	const { found, scheme, shares, suffix = "", family = "grpc" } = client;
	const { ignoresHealth = false, keepsGone = false, callsAlone = 20 } = client;
	const title = "missing" in found ? `${name} (skipped: ${found.missing})` : name;

	describe.skipIf("missing" in found)(title, () => {
		let lab: GrpcLab;
		beforeAll(async () => {
			const config = () => ({ removalGrace: "0s", services: {} });
			lab = await GrpcLab.start({ program: found as ClientProgram, config, ...(scheme && { scheme }) });
		});
		afterAll(() => lab[Symbol.asyncDispose]());

		it(`calls a service, and is taken for a client of the family ${family}`, async () => {
			const { backends, client, fingerpost } = lab;
			await fingerpost.setServices({ [`first${suffix}`]: grpcService(backends.a.address) });
			await client.waitForBackends(`first${suffix}`, ["a"]);
			for (const shown of await fingerpost.clients()) expect(shown.family).toBe(family);
		});

		it(ignoresHealth ? "follows endpoints, whatever their health" : "follows endpoints and their health", async () => {
			const { backends, client, fingerpost } = lab;
			const [a, b, c] = [backends.a.address, backends.b.address, backends.c.address];
			for (const [endpoints, names] of [
				[
					[a, b],
					["a", "b"],
				],
				[
					[b, c],
					["b", "c"],
				],
				[
					[{ address: b, health: "draining" }, { address: a, health: "unhealthy" }, c],
					ignoresHealth ? ["a", "b", "c"] : ["c"],
				],
			] as const) {
				await fingerpost.setServices({ [`busy${suffix}`]: grpcService(...endpoints) });
				await client.waitForBackends(`busy${suffix}`, names);
			}
		});

		it(`shares the calls ${JSON.stringify(shares)} where the weights are 1:3`, async () => {
			const [a, b] = [lab.backends.a.address, lab.backends.b.address];
			const weighted = grpcService({ address: a, weight: 50 }, { address: b, weight: 150 });
			await lab.fingerpost.setServices({ [`weighted${suffix}`]: weighted });
			await lab.expectShares(`weighted${suffix}`, shares);
		});

		it("has a service again that went and came back", async () => {
			const { backends, client, fingerpost } = lab;
			await fingerpost.setServices({ [`guest${suffix}`]: grpcService(backends.b.address) });
			await client.waitForBackends(`guest${suffix}`, ["b"]);
			await fingerpost.setServices({ [`guest${suffix}`]: undefined });
			const fails = async () => (await client.calls(`guest${suffix}`, 1, 1, 2_000)).failed === 1;
			const isGone = async () => (await fingerpost.services()).every(({ name }) => name !== `guest${suffix}`);
			await waitUntil("it is gone", keepsGone ? isGone : fails);
			if (keepsGone) expect(await fails()).toBe(false);
			await fingerpost.setServices({ [`guest${suffix}`]: grpcService(backends.c.address) });
			await client.waitForBackends(`guest${suffix}`, ["c"]);
		});

		it("goes on when Fingerpost is killed, and follows it after its restart", async () => {
			const { backends, client, fingerpost } = lab;
			await fingerpost.setServices({ [`steady${suffix}`]: grpcService(backends.a.address) });
			await client.waitForBackends(`steady${suffix}`, ["a"]);
			await fingerpost.kill("SIGKILL");
			const alone = await client.calls(`steady${suffix}`, callsAlone);
			expect(alone).toMatchObject({ failed: 0, byBackend: { a: callsAlone } });
			await fingerpost.startAgain();
			await fingerpost.setServices({ [`steady${suffix}`]: grpcService(backends.c.address) });
			await client.waitForBackends(`steady${suffix}`, ["c"]);
		});
	});
}
