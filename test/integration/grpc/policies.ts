import { afterEach, describe, expect, it } from "vitest";
import { failingAfterTenSeconds } from "../../../lab/failing-window.js";
import type { Language } from "../../../lab/grpc-clients.js";
import { type GrpcLab, grpcService } from "../../../lab/grpc-lab.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { LB_POLICIES } from "../../../src/model/policies/policies.js";

/** Refuses connections. */
const REFUSED = "127.0.0.1:1";

/** All that can be said, beside the choice of an endpoint. Nobody listens at the proxy: who takes one has it in its bootstrap. */
const EVERYTHING = {
	outlierDetection: {
		consecutive5xx: 50,
		interval: "10s",
		baseEjectionTime: "5s",
		maxEjectionTime: "60s",
		maxEjectionPercent: 40,
		successRateMinimumHosts: 3,
		successRateRequestVolume: 500,
		successRateStdevFactor: 1900,
		enforcingSuccessRate: 60,
		failurePercentageThreshold: 80,
		failurePercentageMinimumHosts: 3,
		failurePercentageRequestVolume: 500,
		enforcingFailurePercentage: 40,
		splitExternalLocalOriginErrors: true,
	},
	healthChecks: [{ grpc: {} }],
	circuitBreakers: { maxConnections: 10, maxPendingRequests: 11, maxRequests: 500, maxRetries: 4 },
	subsets: [["version"]],
	timeout: "10s",
	proxy: "127.0.0.1:1",
	retries: { attempts: 20, on: ["unavailable", "5xx", 503], perTryTimeout: "2s", backOff: { base: "10ms" } },
	envoy: {
		cluster: { connectTimeout: "3s", lbPolicy: "MAGLEV" },
		assignment: { policy: { overprovisioningFactor: 150 } },
	},
};

const LB_SETTINGS: Readonly<Record<(typeof LB_POLICIES)[number], object>> = {
	round_robin: { slowStart: "5s" },
	least_request: { slowStart: "5s", choiceCount: 3 },
	random: {},
	ring_hash: {
		hashOn: [{ cookie: "user" }, { header: "x-user" }],
		hashKey: "hostname",
		ringSize: { minimum: 512, maximum: 2048 },
	},
	maglev: { hashOn: { queryParameter: "user" }, tableSize: 131, hashBalanceFactor: 150 },
	client_side_weighted_round_robin: {
		slowStart: "5s",
		oobReportingPeriod: "5s",
		blackoutPeriod: "1s",
		errorUtilizationPenalty: 2,
	},
};

/** gRPC C++ 1.51 ends with a segmentation fault where requests are hashed. */
const HASHING: readonly string[] = ["ring_hash", "maglev"];

/** What a service says of its policies, as a client of the language takes it. The client must reject nothing. */
export function testPolicies(language: Language | "cpp", lab: () => GrpcLab): void {
	const hashes = language !== "cpp";
	describe("the policies of a service", () => {
		afterEach(() => {
			for (const backend of Object.values(lab().backends)) backend.behaviour = "well";
		});

		it("are taken, all of them, and noted where the client does not get them", async () => {
			const { client, fingerpost, backends } = lab();
			for (const policy of LB_POLICIES) {
				if (!hashes && HASHING.includes(policy)) continue;
				const loadBalancing = { policy, ...LB_SETTINGS[policy] };
				const service = {
					...grpcService(backends.a.address, backends.b.address),
					...EVERYTHING,
					loadBalancing,
				};
				await fingerpost.setServices({
					[policy]: { ...service, subsets: policy.startsWith("client") ? [] : EVERYTHING.subsets },
				});
				await client.waitForBackends(policy, ["a", "b"]);
				const { notes } = await fingerpost.service(policy);
				expect(notes.join()).toContain("gRPC clients do not get healthChecks");
			}
			expect(await fingerpost.nacks()).toEqual([]);
		});

		it.each(["round_robin", "least_request", "random", "client_side_weighted_round_robin"])(
			"share the calls out evenly with %s",
			async (policy) => {
				const { a, b, c } = lab().backends;
				const service = { ...grpcService(a.address, b.address, c.address), loadBalancing: { policy } };
				await lab().fingerpost.setServices({ [policy]: service });
				await lab().client.waitForBackends(policy, ["a", "b", "c"]);
				const { ok, byBackend } = await lab().client.calls(policy, 900, 4);
				expect(ok).toBe(900);
				for (const name of ["a", "b", "c"])
					expect(Math.abs((byBackend[name] ?? 0) - 300), JSON.stringify(byBackend)).toBeLessThan(120);
			},
		);

		if (hashes)
			it("send the calls of a user to the same with ring_hash and a header", async () => {
				const { a, b, c } = lab().backends;
				const loadBalancing = { policy: "ring_hash", hashOn: { header: "x-user" } };
				await lab().fingerpost.setServices({
					users: { ...grpcService(a.address, b.address, c.address), loadBalancing },
				});
				const homes = new Set<string>();
				for (let i = 0; i < 20; i++) {
					await waitUntil("one back end has them all", async () => {
						const { ok, byBackend } = await lab().client.calls("users", 10, 4, 20_000, `user-${i}`);
						const [home = "", ...others] = Object.keys(byBackend);
						if (ok === 10 && others.length === 0) homes.add(home);
						return ok === 10 && others.length === 0;
					});
				}
				expect(homes.size).toBeGreaterThan(1);
			});

		if (hashes)
			it("send all calls of a client to the same with maglev and sourceIp", async () => {
				const { a, b, c } = lab().backends;
				const loadBalancing = { policy: "maglev", hashOn: { sourceIp: true } };
				await lab().fingerpost.setServices({
					clients: { ...grpcService(a.address, b.address, c.address), loadBalancing },
				});
				await waitUntil("one back end has them all", async () => {
					const { ok, byBackend } = await lab().client.calls("clients", 60, 4);
					return ok === 60 && Object.values(byBackend).join() === "60";
				});
			});

		if (hashes)
			it("give endpoints their weights with ring_hash, whatever their localities", async () => {
				const { a, b, c } = lab().backends;
				const at = (address: string, weight: number, zone: string) => ({ address, weight, locality: { zone } });
				const endpoints = [at(a.address, 50, "one"), at(b.address, 150, "one"), at(c.address, 200, "two")];
				const loadBalancing = { policy: "ring_hash", ringSize: { minimum: 8192 } };
				await lab().fingerpost.setServices({ ring: { protocol: "grpc", endpoints, loadBalancing } });
				await lab().expectShares("ring", { a: 0.125, b: 0.375, c: 0.5 });
			});

		it("with outlierDetection fail at most 5 % after 10 s, of one that is well, one that fails and one that refuses", async () => {
			const { client, fingerpost, backends } = lab();
			const { a, b } = backends;
			const service = { ...grpcService(a.address, b.address, REFUSED), outlierDetection: {} };
			await fingerpost.setServices({ outliers: service });
			await client.waitForBackends("outliers", ["a", "b"]);
			b.behaviour = "fails";
			const before = b.requests;
			const counted = { ok: 0, failed: 0 };
			const callAgain = async () => {
				const { ok, failed } = await client.calls("outliers", 50, 4);
				counted.ok += ok;
				counted.failed += failed;
				return counted;
			};
			expect(await failingAfterTenSeconds(callAgain)).toBeLessThanOrEqual(0.05);
			expect(b.requests).toBeGreaterThan(before);
		});

		it("call no endpoint that refuses connections, without a word of it", async () => {
			const { a, b } = lab().backends;
			await lab().fingerpost.setServices({ refused: grpcService(a.address, b.address, REFUSED) });
			await lab().client.waitForBackends("refused", ["a", "b"]);
			b.behaviour = "fails";
			const before = b.requests;
			const { ok, failed } = await lab().client.calls("refused", 300, 4);
			// What it answers is its own affair: those that it got fail, and no other.
			expect({ ok, failed }).toEqual({ ok: 300 - failed, failed: b.requests - before });
			expect(failed).toBeGreaterThan(0);
		});

		it("end a call after the timeout", async () => {
			const { c } = lab().backends;
			await lab().fingerpost.setServices({ slow: { ...grpcService(c.address), timeout: "5s" } });
			await lab().client.waitForBackends("slow", ["c"]);
			c.behaviour = "hangs";
			// By its own deadline it would end later.
			const { failures, slowest } = await lab().client.calls("slow", 1, 1, 60_000);
			expect(failures.join()).toMatch(/DEADLINE.?EXCEEDED/i);
			expect(slowest).toBeLessThan(40_000);
		});

		it("try again what retries say", async () => {
			const { a, b } = lab().backends;
			const service = {
				...grpcService(a.address, b.address),
				retries: { attempts: 4, on: ["unavailable"], backOff: { base: "1ms" } },
			};
			await lab().fingerpost.setServices({ retried: service });
			await lab().client.waitForBackends("retried", ["a", "b"]);
			b.behaviour = "fails";
			expect(await lab().client.calls("retried", 40)).toMatchObject({ ok: 40, failures: [] });
		});

		// grpc-js has no circuit breakers, and grpc-java counts only for a load reporting server.
		if (language === "js" || language === "java") return;
		it("have no more under way than maxRequests", async () => {
			const { d } = lab().backends;
			await lab().fingerpost.setServices({
				broken: { ...grpcService(d.address), circuitBreakers: { maxRequests: 2 } },
			});
			await lab().client.waitForBackends("broken", ["d"]);
			d.behaviour = "hangs";
			const { failures } = await lab().client.calls("broken", 6, 6, 2_000);
			// The one in C++ says the number of a status.
			const dropped = failures.filter((each) => /UNAVAILABLE|^14: /i.test(each));
			expect(dropped.length, failures.join("\n")).toBeGreaterThanOrEqual(4);
		});
	});
}
