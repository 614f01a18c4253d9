import { expect, it } from "vitest";
import { startGrpcBackend } from "../../../lab/backends.js";
import type { Language } from "../../../lab/grpc-clients.js";
import { type GrpcLab, grpcService } from "../../../lab/grpc-lab.js";
import { freePorts } from "../../../lab/ports.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { AT_ONCE } from "./at-once.js";

/** Clients choose at random: the share of so many calls is off by 1 % once in 300,000 times. */
const SHARED_CALLS = 20_000;

/** Weights, localities, priorities and health, as a client of the language sees them. */
export function testBalancing(language: Language, lab: () => GrpcLab): void {
	// grpc-js connects anew to every endpoint at any change of its service.
	const opened = language === "js" ? 1 : 0;
	const connections = opened === 1 ? "with one new connection an endpoint" : "without a new connection";

	it(`follows weights 1:3, and their change to 3:1 ${connections}`, async () => {
		const { client, fingerpost, backends } = lab();
		const weights = (a: number, b: number) =>
			grpcService({ address: backends.a.address, weight: a }, { address: backends.b.address, weight: b });
		await fingerpost.setServices({ weighted: weights(50, 150) });
		await lab().expectShares("weighted", { a: 0.25, b: 0.75 });
		const { a, b, ...others } = lab().connections();
		await fingerpost.setServices({ weighted: weights(150, 50) });
		await waitUntil("a is called more than b", async () => {
			const { failures, byBackend } = await client.calls("weighted", 200, 4);
			expect(failures).toEqual([]);
			return (byBackend.a ?? 0) > 125;
		});
		await lab().expectShares("weighted", { a: 0.75, b: 0.25 });
		expect(lab().connections()).toEqual({ a: Number(a) + opened, b: Number(b) + opened, ...others });
	});

	it("follows the weights of localities, and of the endpoints within", async () => {
		const { a, b, c } = lab().backends;
		const at = (zone: string, address: string, weight: number) => ({ address, weight, locality: { zone } });
		await lab().fingerpost.setServices({
			localities: grpcService(at("one", a.address, 50), at("two", b.address, 75), at("two", c.address, 75)),
		});
		await lab().expectShares("localities", { a: 0.25, b: 0.375, c: 0.375 });
	});

	it("gives each target its share within 1 %, whatever the number of its endpoints", async () => {
		const { client, fingerpost, backends } = lab();
		const { a, b, c, d } = backends;
		const canary = [b, c, d].map(({ address }) => address);
		await fingerpost.writeFile("canary.yaml", JSON.stringify(canary));
		const target = `file://${fingerpost.folder}/canary.yaml`;
		const targets = [
			{ target: a.address, weight: 90 },
			{ target, weight: 10 },
		];
		await fingerpost.setServices({ canary: { protocol: "grpc", targets } });
		const share = async (...names: readonly string[]) => {
			await client.waitForBackends("canary", names);
			const { ok, failures, byBackend } = await client.calls("canary", SHARED_CALLS, 16);
			expect({ ok, failures }).toEqual({ ok: SHARED_CALLS, failures: [] });
			return 1 - (byBackend.a ?? 0) / SHARED_CALLS;
		};
		expect(Math.abs((await share("a", "b", "c", "d")) - 0.1)).toBeLessThan(0.01);
		const ill = canary.map((address, i) => (i === 0 ? address : { address, health: "unhealthy" }));
		await fingerpost.writeFile("canary.yaml", JSON.stringify(ill));
		expect(Math.abs((await share("a", "b")) - 0.1)).toBeLessThan(0.01);
	});

	it("takes additional addresses of an endpoint", async () => {
		const { a } = lab().backends;
		await lab().fingerpost.setServices({ dual: grpcService({ address: a.address, additionalAddresses: ["::1"] }) });
		await lab().client.waitForBackends("dual", ["a"]);
		expect(await lab().client.calls("dual", 20)).toMatchObject({ ok: 20, failures: [] });
		expect(await lab().fingerpost.nacks()).toEqual([]);
	});

	it("calls what is healthy or unknown, and no endpoint of another health or of weight 0", async () => {
		const { client, fingerpost, backends } = lab();
		const { a, b, c, d } = backends;
		await fingerpost.setServices({
			health: grpcService(
				a.address,
				{ address: b.address, health: "unknown" },
				{ address: c.address, health: "draining" },
				{ address: d.address, health: "unhealthy" },
				{ address: "127.0.0.1:1", health: "timeout" },
				{ address: "127.0.0.1:2", health: "degraded" },
				{ address: "127.0.0.1:3", weight: 0 },
			),
		});
		await client.waitForBackends("health", ["a", "b"]);
		const requests = c.requests + d.requests;
		expect(await client.calls("health", 200, 4)).toMatchObject({ ok: 200, failures: [] });
		expect(c.requests + d.requests).toBe(requests);
	});

	it("calls degraded endpoints exactly while no better one is left", async () => {
		const { a, b } = lab().backends;
		for (const [health, used] of [
			["unhealthy", "b"],
			["healthy", "a"],
			["draining", "b"],
		] as const) {
			await lab().fingerpost.setServices({
				last: grpcService({ address: a.address, health }, { address: b.address, health: "degraded" }),
			});
			await lab().client.waitForBackends("last", [used]);
		}
	});

	it.each(["sick", "empty"])("fails at once where no endpoint may be called: %s", async (service) => {
		const { failed, failures, slowest } = await lab().client.calls(service, 3);
		expect(failed).toBe(3);
		expect(failures[0]).toMatch(/ms: .*UNAVAILABLE/i);
		expect(slowest).toBeLessThan(AT_ONCE);
	});

	it("fails over to the next priority by health and back, without a failed call", async () => {
		const { a, b } = lab().backends;
		const setHealth = (health: string) =>
			lab().fingerpost.setServices({
				failover: grpcService({ address: a.address, health }, { address: b.address, priority: 1 }),
			});
		await setHealth("healthy");
		await lab().client.waitForBackends("failover", ["a"]);
		await lab().underLoad("failover", async () => {
			await setHealth("unhealthy");
			await lab().client.waitForBackends("failover", ["b"]);
			await setHealth("healthy");
			await lab().client.waitForBackends("failover", ["a"]);
		});
	});

	it("fails over when the back end of the first priority is gone, and back when it is there again", async () => {
		const { client, fingerpost, backends } = lab();
		const [port] = (await freePorts(1)) as [number];
		const start = () => startGrpcBackend("x", { port });
		let x = await start();
		try {
			const spare = { address: backends.b.address, priority: 1 };
			await fingerpost.setServices({ mortal: grpcService(x.address, spare) });
			await client.waitForBackends("mortal", ["x"]);
			await x[Symbol.asyncDispose]();
			await client.waitForBackends("mortal", ["b"]);
			x = await start();
			await client.waitForBackends("mortal", ["x"]);
		} finally {
			await x[Symbol.asyncDispose]();
		}
	});
}
