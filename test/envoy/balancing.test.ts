import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { burst, Load } from "../../lab/load.js";
import { waitUntil } from "../../lab/wait-until.js";

const REQUESTS = 2_000;
/** Refuses connections: a request that is sent there fails. */
const DEAD = ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"] as const;

/** The health of a config as Envoy's admin interface shows it. */
const SHOWN: Readonly<Record<string, string>> = {
	healthy: "HEALTHY",
	unknown: "HEALTHY",
	unhealthy: "UNHEALTHY",
	timeout: "UNHEALTHY",
	draining: "DRAINING",
	degraded: "DEGRADED",
};

describeEnvoys("weights, localities, priorities and health", (which) => {
	let lab: EnvoyLab;

	beforeAll(async () => {
		lab = await EnvoyLab.start({ which, config: () => ({ services: {} }) });
	});
	afterAll(() => lab?.[Symbol.asyncDispose]());
	afterEach(async () => expect(await lab.rejections()).toEqual({ count: 0, texts: [] }));

	/** Sets the endpoints and waits until Envoy shows them with these weights and healths. */
	async function set(service: string, endpoints: readonly ({ readonly address: string } & Record<string, unknown>)[]) {
		await lab.fingerpost.setServices({ [service]: { endpoints } });
		const wanted = endpoints
			.filter(({ weight }) => weight !== 0)
			.map(({ address, weight = 100, health = "healthy" }) => `${address} ${weight} ${SHOWN[String(health)]}`)
			.sort()
			.join();
		let seen: string | undefined;
		await waitUntil(`Envoy shows ${wanted}`, async () => {
			const hosts = (await lab.envoy.clusters())[service] ?? [];
			seen = hosts
				.map(({ address, weight, health }) => `${address} ${weight} ${health}`)
				.sort()
				.join();
			return seen === wanted;
		}).catch((reason: unknown) => {
			throw new Error(`${String(reason)}; it shows ${seen}`, { cause: reason });
		});
	}

	/** Sends many requests and expects of each back end its share of the answers, give or take 5 % of all. */
	async function expectShares(service: string, shares: Readonly<Record<string, number>>): Promise<void> {
		const { ok, failures, byBackend } = await burst(lab.envoy.ingress, service, REQUESTS);
		expect({ ok, failures }).toEqual({ ok: REQUESTS, failures: [] });
		expect(Object.keys(byBackend).sort()).toEqual(Object.keys(shares));
		for (const [name, share] of Object.entries(shares)) {
			const seen = (byBackend[name] ?? 0) / REQUESTS;
			expect(Math.abs(seen - share), `${service}: ${JSON.stringify(byBackend)}`).toBeLessThan(0.05);
		}
	}

	it("follows weights 1:3, and their change to 3:1 without a new connection", async () => {
		const weights = (ofA: number, ofB: number) => [
			{ address: lab.a, weight: ofA },
			{ address: lab.b, weight: ofB },
		];
		await set("weighted", weights(50, 150));
		await expectShares("weighted", { a: 0.25, b: 0.75 });
		const opened = lab.backends.map(({ connections }) => connections);
		await set("weighted", weights(150, 50));
		await expectShares("weighted", { a: 0.75, b: 0.25 });
		expect(lab.backends.map(({ connections }) => connections)).toEqual(opened);
	});

	it("gives a locality the sum of its endpoints' weights", async () => {
		await set("localities", [
			{ address: lab.a, weight: 50, locality: { zone: "one" } },
			{ address: lab.b, weight: 75, locality: { zone: "two" } },
			{ address: lab.c, weight: 75, locality: { zone: "two" } },
		]);
		await expectShares("localities", { a: 0.25, b: 0.375, c: 0.375 });
	});

	it("asks what is healthy or unknown, and no endpoint of another health or of weight 0", async () => {
		await set("health", [
			{ address: lab.a },
			{ address: lab.b, health: "unknown" },
			{ address: DEAD[0], health: "draining" },
			{ address: DEAD[1], health: "unhealthy" },
			{ address: DEAD[2], health: "timeout" },
			{ address: DEAD[3], weight: 0 },
		]);
		await expectShares("health", { a: 0.5, b: 0.5 });
	});

	it("asks degraded endpoints only for what the healthy ones cannot take", async () => {
		const degraded = { address: lab.c, health: "degraded" };
		await set("last", [{ address: lab.a, health: "unhealthy" }, degraded]);
		expect(await burst(lab.envoy.ingress, "last", 20)).toMatchObject({ failures: [], byBackend: { c: 20 } });
		// One of two is healthy: with Envoy's overprovisioning factor of 1.4 it takes 70 %.
		await set("last", [{ address: lab.a }, degraded]);
		await expectShares("last", { a: 0.7, c: 0.3 });
		// Three of four: 105 %.
		await set("last", [
			{ address: lab.a },
			{ address: lab.b },
			{ address: lab.c },
			{ address: DEAD[0], health: "degraded" },
		]);
		await expectShares("last", { a: 1 / 3, b: 1 / 3, c: 1 / 3 });
	});

	it("fails over to the next priority by health and back, without a failed request", async () => {
		const setHealth = (health: string) =>
			set("failover", [
				{ address: lab.a, health },
				{ address: lab.b, priority: 1 },
			]);
		await setHealth("healthy");
		await using load = new Load({ url: lab.envoy.ingress, service: "failover" });
		for (const [health, used] of [
			["healthy", "a"],
			["unhealthy", "b"],
			["healthy", "a"],
			["draining", "b"],
		] as const) {
			await setHealth(health);
			expect(await burst(lab.envoy.ingress, "failover", 20)).toMatchObject({ byBackend: { [used]: 20 } });
		}
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
	});

	it("answers 503 at once where all are unhealthy, and recovers", async () => {
		for (const health of ["unhealthy", "timeout", "draining"]) {
			await set("sick", [{ address: lab.a }]);
			expect(await burst(lab.envoy.ingress, "sick", 5)).toMatchObject({ byBackend: { a: 5 } });
			await set("sick", [{ address: lab.a, health }]);
			const { ok, failures } = await burst(lab.envoy.ingress, "sick", 5);
			expect(ok).toBe(0);
			// Envoy says so of a request that it sends nowhere; one that waits for a host ends otherwise.
			for (const failure of failures) expect(failure).toContain("503 no healthy upstream");
		}
	});
});
