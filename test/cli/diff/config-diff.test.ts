import { describe, expect, it } from "vitest";
import { diffConfigs, isSame } from "../../../src/cli/diff/config-diff.js";
import { readConfig } from "../../../src/config/load.js";
import type { ConfigInput } from "../../../src/config/schema.js";

function diffOf(before: ConfigInput, after: ConfigInput) {
	return diffConfigs(readConfig(before), readConfig(after));
}

const NOTHING = { added: [], removed: [], changed: [], providers: [] };

describe("the difference of two configs", () => {
	it("has services that come and go, with their endpoints and targets", () => {
		const before = { services: { old: "127.0.0.1:1" } };
		const after = { services: { web: { endpoints: ["127.0.0.1:2", "127.0.0.1:3"] }, api: "dns:///api:80" } };
		expect(diffOf(before, after)).toEqual({
			...NOTHING,
			added: [
				{ name: "api", endpoints: [], targets: ["dns:///api:80"] },
				{ name: "web", endpoints: ["127.0.0.1:2", "127.0.0.1:3"], targets: [] },
			],
			removed: [{ name: "old", endpoints: ["127.0.0.1:1"], targets: [] }],
		});
	});

	it("has the policies that are other, of a service or by default", () => {
		const before = { services: { web: { target: "127.0.0.1:1", circuitBreakers: { maxRequests: 5 } } } };
		const after = { ...before, defaults: { timeout: "5s" as const } };
		expect(diffOf(before, after).changed.map(({ cluster }) => cluster)).toEqual([["timeout - -> 5000"]]);
		const other = { services: { web: { target: "127.0.0.1:1", circuitBreakers: {} } } };
		const [changed] = diffOf(before, other).changed;
		expect(changed?.cluster).toEqual(["circuitBreakers maxRequests 5 -> {}"]);
		expect(isSame(diffOf(before, before))).toBe(true);
	});

	it("has what is other of a service: cluster, endpoints, targets", () => {
		const before = {
			services: { web: { endpoints: ["127.0.0.1:1", { address: "127.0.0.1:2", weight: 50 }] }, api: "dns:///a:80" },
		};
		const after = {
			services: {
				web: {
					protocol: "grpc",
					connectTimeout: "1s",
					endpoints: [{ address: "127.0.0.1:2", weight: 0 }, "127.0.0.1:3"],
				},
				api: { targets: [{ target: "dns:///a:80" }, { target: "dns:///b:80", priority: 1 }] },
			},
		} satisfies ConfigInput;
		expect(diffOf(before, after).changed).toEqual([
			{
				name: "api",
				cluster: [],
				endpoints: { added: [], removed: [], changed: [] },
				targets: { added: ["dns:///b:80 (priority 1)"], removed: [] },
			},
			{
				name: "web",
				cluster: ["protocol http1 -> grpc", "connectTimeout 5s -> 1s"],
				endpoints: { added: ["127.0.0.1:3"], removed: ["127.0.0.1:1"], changed: ["127.0.0.1:2 weight 50 -> 0"] },
				targets: { added: [], removed: [] },
			},
		]);
	});

	it("has what is said of targets, those of a source and those written out", () => {
		const of = (weight: number, zone: string) =>
			({
				services: {
					web: {
						targets: [
							{ target: "dns:///a:80", weight: 100 - weight },
							{ target: "127.0.0.1:1", weight, health: "degraded" as const, locality: { zone } },
						],
					},
				},
			}) satisfies ConfigInput;
		expect(diffOf(of(10, "a"), of(20, "b")).changed).toEqual([
			{
				name: "web",
				cluster: [],
				endpoints: {
					added: [],
					removed: [],
					changed: ["127.0.0.1:1 locality /a -> /b, share of its target 10 % -> 20 %"],
				},
				targets: { added: ["dns:///a:80 (weight 80)"], removed: ["dns:///a:80 (weight 90)"] },
			},
		]);
	});

	it("is none where only the way of writing is other", () => {
		const before = { services: { web: "127.0.0.1:1" } };
		const after = {
			services: { web: { targets: [{ target: "static://127.0.0.1:1" }], protocol: "http1" } },
		} satisfies ConfigInput;
		const difference = diffOf(before, after);
		expect(difference).toEqual(NOTHING);
		expect(isSame(difference)).toBe(true);
	});

	it("names providers with other settings", () => {
		const services = { web: "dns:///a:80" };
		const difference = diffOf({ services }, { services, providers: { dns: { timeout: "1s" } } });
		expect(difference).toEqual({ ...NOTHING, providers: ["dns"] });
		expect(isSame(difference)).toBe(false);
	});
});
