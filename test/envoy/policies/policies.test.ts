import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeEnvoys } from "../../../lab/describe-envoys.js";
import { ENVOY_VERSIONS } from "../../../lab/envoy-binary.js";
import { EnvoyLab } from "../../../lab/envoy-lab.js";
import { failingAfterTenSeconds } from "../../../lab/failing-window.js";
import { ask, burst, Load } from "../../../lab/load.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { LB_POLICIES } from "../../../src/model/policies/policies.js";

/** Refuses connections. */
const REFUSED = "127.0.0.1:1";
const USERS = 20;

const HASH_POLICY = [{ header: { header_name: "x-user" } }];

/** All settings of a service that Envoys get, each with a value of its own. */
const EVERYTHING = {
	outlierDetection: {
		consecutive5xx: 7,
		consecutiveGatewayFailure: 6,
		consecutiveLocalOriginFailure: 4,
		splitExternalLocalOriginErrors: true,
		interval: "3s",
		baseEjectionTime: "5s",
		maxEjectionTime: "60s",
		maxEjectionTimeJitter: "1s",
		maxEjectionPercent: 40,
		successRateMinimumHosts: 3,
		successRateRequestVolume: 50,
		successRateStdevFactor: 1900,
		failurePercentageThreshold: 80,
		failurePercentageMinimumHosts: 3,
		failurePercentageRequestVolume: 20,
		enforcingConsecutive5xx: 90,
		enforcingConsecutiveGatewayFailure: 80,
		enforcingConsecutiveLocalOriginFailure: 70,
		enforcingSuccessRate: 60,
		enforcingLocalOriginSuccessRate: 50,
		enforcingFailurePercentage: 40,
		enforcingFailurePercentageLocalOrigin: 30,
		successfulActiveHealthCheckUnejectHost: false,
		alwaysEjectOneHost: true,
	},
	healthChecks: [
		{
			http: { path: "/", host: "web", expectedStatuses: [200, "300-399"] },
			...{ interval: "1s", timeout: "500ms", healthyThreshold: 2, unhealthyThreshold: 4 },
		},
	],
	circuitBreakers: { maxConnections: 10, maxPendingRequests: 11, maxRequests: 12, maxRetries: 4 },
	subsets: [["version"], ["version", "stage"]],
	timeout: "10s",
	retries: { attempts: 3, on: ["5xx", "reset", 429], perTryTimeout: "2s", backOff: { base: "10ms", max: "1s" } },
};

const LB_SETTINGS: Readonly<Record<(typeof LB_POLICIES)[number], object>> = {
	round_robin: { slowStart: { window: "10s", aggression: 1.5, minWeightPercent: 20 } },
	least_request: { slowStart: "5s", choiceCount: 3 },
	random: {},
	ring_hash: {
		hashOn: [{ cookie: "user", ttl: "1h" }, { sourceIp: true }],
		hashKey: "hostname",
		ringSize: { minimum: 512, maximum: 2048 },
	},
	maglev: { hashOn: { queryParameter: "user" }, tableSize: 131, hashBalanceFactor: 150 },
	client_side_weighted_round_robin: {
		slowStart: "5s",
		oobReportingPeriod: "5s",
		blackoutPeriod: "1s",
		weightExpirationPeriod: "1m",
		weightUpdatePeriod: "500ms",
		errorUtilizationPenalty: 2,
	},
};

describeEnvoys(
	"the policies of a service",
	(which) => {
		let lab: EnvoyLab;

		beforeAll(async () => {
			lab = await EnvoyLab.start({ which, config: () => ({ services: {} }), route: { hash_policy: HASH_POLICY } });
		});
		afterAll(() => lab?.[Symbol.asyncDispose]());
		afterEach(async () => {
			for (const backend of lab.backends) backend.behaviour = "well";
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		});

		/** Sets the service, and waits until Envoy has its endpoints. */
		async function set(service: string, more: object, endpoints: readonly (string | object)[] = [lab.a, lab.b, lab.c]) {
			await lab.fingerpost.setServices({ [service]: { endpoints, ...more } });
			const addresses = endpoints.map((each) =>
				typeof each === "string" ? each : (each as { address: string }).address,
			);
			await lab.envoy.waitForHosts(service, addresses, 10_000).catch(async (reason: unknown) => {
				throw new Error(`${String(reason)}; ${(await lab.rejections()).texts.join()}`, { cause: reason });
			});
		}

		it("are taken, all of them", async () => {
			for (const policy of LB_POLICIES) {
				const loadBalancing = { policy, ...LB_SETTINGS[policy] };
				// Subsets are of the older policies alone.
				const subsets = policy.startsWith("client") ? [] : EVERYTHING.subsets;
				await set(policy, { loadBalancing, ...EVERYTHING, subsets });
				const { ok, failures } = await burst(lab.envoy.ingress, policy, 20);
				expect({ policy, ok, failures }).toEqual({ policy, ok: 20, failures: [] });
			}
		});

		it("without any, leave out an endpoint that refuses connections", async () => {
			await set("plain", {}, [lab.a, REFUSED]);
			await waitUntil("the endpoint is left out", async () => {
				await burst(lab.envoy.ingress, "plain", 10);
				return (await lab.envoy.stat("cluster.plain.outlier_detection.ejections_active")) === 1;
			});
			expect(await burst(lab.envoy.ingress, "plain", 50)).toMatchObject({ ok: 50, failures: [] });
			// What it answers is its own affair.
			const [a] = lab.backends;
			if (a) a.behaviour = "fails";
			expect(await burst(lab.envoy.ingress, "plain", 20)).toMatchObject({ ok: 0 });
			expect(await lab.envoy.stat("cluster.plain.outlier_detection.ejections_active")).toBe(1);
		});

		it("leave none out with outlierDetection: off", async () => {
			await set("kept", { outlierDetection: "off" }, [lab.a, REFUSED]);
			expect((await burst(lab.envoy.ingress, "kept", 60)).ok).toBe(30);
		});

		it("with outlierDetection fail at most 5 % after 10 s, of one that is well, one that fails and one that refuses", async () => {
			await set("outliers", { outlierDetection: {} }, [lab.a, lab.b, REFUSED]);
			const [, b] = lab.backends;
			if (b) b.behaviour = "fails";
			await using load = new Load({ url: lab.envoy.ingress, service: "outliers", rate: 100 });
			expect(await failingAfterTenSeconds(() => load.result)).toBeLessThanOrEqual(0.05);
			// Both had their requests before, so it was not by chance.
			const { failures } = load.result;
			expect(failures.filter((each) => / 500 b$/.test(each)).length).toBeGreaterThan(0);
			expect(failures.filter((each) => /connection failure/.test(each)).length).toBeGreaterThan(0);
		});

		it.each(["round_robin", "least_request", "random", "client_side_weighted_round_robin"])(
			"share the requests out evenly with %s",
			async (policy) => {
				await set(`${policy}-even`, { loadBalancing: { policy } });
				const { byBackend } = await burst(lab.envoy.ingress, `${policy}-even`, 900);
				expect(Object.keys(byBackend).sort()).toEqual(["a", "b", "c"]);
				for (const count of Object.values(byBackend))
					expect(Math.abs(count - 300), JSON.stringify(byBackend)).toBeLessThan(120);
			},
		);

		it.each(["ring_hash", "maglev"])("send the same to the same with %s", async (policy) => {
			const service = `${policy}-sticky`;
			await set(service, { loadBalancing: { policy } });
			const homes = new Map<string, string>();
			for (let i = 0; i < 5 * USERS; i++) {
				const user = `user-${i % USERS}`;
				const { body } = await ask(lab.envoy.ingress, service, undefined, { "x-user": user });
				expect(homes.get(user) ?? body).toBe(body);
				homes.set(user, body);
			}
			expect(new Set(homes.values()).size).toBeGreaterThan(1);
		});

		it("have no more under way than the circuit breakers allow", async () => {
			await set("broken", { circuitBreakers: { maxRequests: 2 } }, [lab.a]);
			const [a] = lab.backends;
			if (a) a.behaviour = "hangs";
			const hanging = [ask(lab.envoy.ingress, "broken"), ask(lab.envoy.ingress, "broken")];
			await waitUntil(
				"two requests are under way",
				async () => (await lab.envoy.stat("cluster.broken.upstream_rq_active")) === 2,
			);
			expect(await ask(lab.envoy.ingress, "broken")).toMatchObject({ status: 503 });
			expect(await lab.envoy.stat("cluster.broken.circuit_breakers.default.rq_open")).toBe(1);
			if (a) a.behaviour = "well";
			expect((await Promise.all(hanging)).map(({ status }) => status)).toEqual([200, 200]);
		});

		it("take out what fails its health checks, and back", async () => {
			const checks = { interval: "200ms", timeout: "5s", unhealthyThreshold: 1, healthyThreshold: 1 };
			await set("checked", { healthChecks: [{ http: { path: "/" }, ...checks }] }, [lab.a, lab.b]);
			const [, b] = lab.backends;
			if (b) b.behaviour = "fails";
			const healthy = () => lab.envoy.stat("cluster.checked.membership_healthy");
			await waitUntil("one is out", async () => (await healthy()) === 1);
			expect(await burst(lab.envoy.ingress, "checked", 20)).toMatchObject({ ok: 20, byBackend: { a: 20 } });
			if (b) b.behaviour = "well";
			await waitUntil("both are in", async () => (await healthy()) === 2);
		});

		it("give an overlay its effect, on the cluster and on the assignment", async () => {
			const envoy = {
				cluster: {
					connect_timeout: "0.123s",
					circuitBreakers: { thresholds: [{ maxRequests: 3 }] },
					outlierDetection: null,
				},
				assignment: { policy: { dropOverloads: [{ category: "all", dropPercentage: { numerator: 100 } }] } },
			};
			await set("overlaid", { circuitBreakers: { maxRequests: 900, maxConnections: 7 }, envoy }, [lab.a]);
			await waitUntil("all is dropped", async () => (await ask(lab.envoy.ingress, "overlaid")).status === 503);
			const cluster = await waitUntil("the cluster is in use", async () => {
				const dump = await lab.envoy.get("/config_dump?resource=dynamic_active_clusters");
				// In words where there is none yet.
				if (!dump.startsWith("{")) return undefined;
				const { configs } = JSON.parse(dump) as { configs: { cluster: Record<string, unknown> }[] };
				return configs.map((each) => each.cluster).find(({ name }) => name === "overlaid");
			});
			expect(cluster).toMatchObject({
				connect_timeout: "0.123s",
				circuit_breakers: { thresholds: [{ max_requests: 3 }] },
			});
			expect(cluster).not.toHaveProperty("outlier_detection");
			expect(cluster).not.toHaveProperty("circuit_breakers.thresholds.1");
		});
	},
	{ versions: ENVOY_VERSIONS, modes: ["sotw"] },
);
