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
}

/** A client that is not made everywhere: the rest is skipped, with the reason, where it cannot be made. */
export function testOtherClient(name: string, { found, scheme, shares }: OtherClient): void {
	const title = "missing" in found ? `${name} (skipped: ${found.missing})` : name;

	describe.skipIf("missing" in found)(title, () => {
		let lab: GrpcLab;
		beforeAll(async () => {
			const config = () => ({ removalGrace: "0s", services: {} });
			lab = await GrpcLab.start({ program: found as ClientProgram, config, ...(scheme && { scheme }) });
		});
		afterAll(() => lab[Symbol.asyncDispose]());

		it("calls a service, and is taken for a gRPC client", async () => {
			const { backends, client, fingerpost } = lab;
			await fingerpost.setServices({ first: grpcService(backends.a.address) });
			await client.waitForBackends("first", ["a"]);
			for (const { family } of await fingerpost.clients()) expect(family).toBe("grpc");
		});

		it("follows endpoints and their health", async () => {
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
				[[{ address: b, health: "draining" }, { address: a, health: "unhealthy" }, c], ["c"]],
			] as const) {
				await fingerpost.setServices({ busy: grpcService(...endpoints) });
				await client.waitForBackends("busy", names);
			}
		});

		it(`shares the calls ${JSON.stringify(shares)} where the weights are 1:3`, async () => {
			const [a, b] = [lab.backends.a.address, lab.backends.b.address];
			const weighted = grpcService({ address: a, weight: 50 }, { address: b, weight: 150 });
			await lab.fingerpost.setServices({ weighted });
			await lab.expectShares("weighted", shares);
		});

		it("has a service again that went and came back", async () => {
			const { backends, client, fingerpost } = lab;
			const guest = grpcService(backends.b.address);
			await fingerpost.setServices({ guest });
			await client.waitForBackends("guest", ["b"]);
			await fingerpost.setServices({ guest: undefined });
			await waitUntil("its calls fail", async () => (await client.calls("guest", 1, 1, 2_000)).failed === 1);
			await fingerpost.setServices({ guest });
			await client.waitForBackends("guest", ["b"]);
		});

		it("goes on when Fingerpost is killed, and follows it after its restart", async () => {
			const { backends, client, fingerpost } = lab;
			await fingerpost.setServices({ steady: grpcService(backends.a.address) });
			await client.waitForBackends("steady", ["a"]);
			await fingerpost.kill("SIGKILL");
			expect(await client.calls("steady", 20)).toMatchObject({ failed: 0, byBackend: { a: 20 } });
			await fingerpost.startAgain();
			await fingerpost.setServices({ steady: grpcService(backends.c.address) });
			await client.waitForBackends("steady", ["c"]);
		});
	});
}
