import { describe, expect, it } from "vitest";
import type { ServiceTarget } from "../../../src/providers/blocking/service-target.js";
import { consulEndpoints as endpointsOf } from "../../../src/providers/consul/consul-endpoints.js";
import { type HealthEntry, readHealthEntries } from "../../../src/providers/consul/health-entry.js";

const { signal } = new AbortController();
const WEB = { text: "consul:///web", service: "web", tags: [], parameters: {} };

async function entries(...parts: readonly object[]): Promise<readonly HealthEntry[]> {
	const written = parts.map((part: { Node?: object; Service?: object; Checks?: unknown }, i) => ({
		Node: { Node: "n1", Address: "10.0.0.9", ...part.Node },
		Service: { ID: `web-${i}`, Address: "10.0.0.1", Port: 80 + i, ...part.Service },
		Checks: part.Checks ?? [],
	}));
	return readHealthEntries(JSON.stringify(written), 1_000, signal);
}

function consulEndpoints(
	list: readonly HealthEntry[],
	target: ServiceTarget,
	warning: "healthy" | "degraded" | "unhealthy",
	most = 50_000,
) {
	return endpointsOf(list, target, { warning, most });
}

const check = (Status: string, CheckID = "check") => ({ CheckID, Status });

describe("an instance in Consul", () => {
	it.each([
		["healthy", [check("passing"), check("passing")]],
		["healthy", []],
		["unhealthy", [check("passing"), check("critical"), check("warning")]],
		["unhealthy", [check("something new")]],
		["draining", [check("critical"), check("critical", "_node_maintenance")]],
		["draining", [check("critical", "_service_maintenance:web-0"), check("warning")]],
	])("is %s by its worst check: %j", async (health, Checks) => {
		const { endpoints } = consulEndpoints(await entries({ Checks }), WEB, "healthy");
		expect(endpoints.map((e) => e.health)).toEqual([health]);
	});

	it.each(["healthy", "degraded", "unhealthy"] as const)(
		"is %s with a warning, if the settings say so",
		async (warning) => {
			const Service = { Weights: { Passing: 10, Warning: 3 } };
			const list = await entries({ Service, Checks: [check("passing"), check("warning")] }, { Service });
			const { endpoints } = consulEndpoints(list, WEB, warning);
			expect(endpoints.map((e) => [e.health, e.weight])).toEqual([
				[warning, 3],
				["healthy", 10],
			]);
		},
	);

	it("has a full share where nobody gives a weight, and its own as soon as one does", async () => {
		const one = { Service: { Weights: { Passing: 1, Warning: 1 } } };
		const weights = async (...parts: object[]) =>
			consulEndpoints(await entries(...parts), WEB, "healthy").endpoints.map(({ weight }) => weight);
		expect(await weights(one, one, {})).toEqual([100, 100, 100]);
		expect(await weights(one, { Service: { Weights: { Passing: 2, Warning: 1 } } })).toEqual([1, 2]);
		expect(await weights({ Service: { Weights: { Passing: 100_000, Warning: 1 } } })).toEqual([65_535]);
	});

	it("has its own address, else the node's, and is left out without an address or port", async () => {
		const list = await entries(
			{ Service: { Address: "" } },
			{ Service: { Address: "::1" } },
			{ Service: { Address: "web.internal" } },
			{ Service: { Port: 0 } },
			{ Service: { Address: "" }, Node: { Address: "" } },
		);
		const { endpoints, notes } = consulEndpoints(list, WEB, "healthy");
		expect(endpoints.map(({ address, port }) => [address, port])).toEqual([
			["10.0.0.9", 80],
			["::1", 81],
			["web.internal", 82],
		]);
		expect(notes).toEqual(["n1/web-3 is left out: it has no port", "n1/web-4 is left out: it has no address"]);
	});

	it("has Consul's locality, its own before the node's, and its metadata", async () => {
		const list = await entries(
			{ Service: { Locality: { Region: "eu", Zone: "eu-1" }, Meta: { version: "2" }, ModifyIndex: 12 } },
			{ Node: { Locality: { Region: "us" } } },
		);
		const [first, second] = consulEndpoints(list, WEB, "healthy").endpoints;
		expect(first).toMatchObject({
			...{ locality: { region: "eu", zone: "eu-1", subZone: "" }, metadata: { version: "2" } },
			origin: { target: "consul:///web", object: "n1/web-0", revision: "12", at: expect.any(Date) },
		});
		expect(second).toMatchObject({ locality: { region: "us", zone: "", subZone: "" } });
		expect(second).not.toHaveProperty("metadata");
	});

	it("has all of the tags that are asked for, in large letters or small ones", async () => {
		const list = await entries({ Service: { Tags: ["v1", "Blue"] } }, { Service: { Tags: ["v1"] } }, {});
		const ports = (...tags: string[]) =>
			consulEndpoints(list, { ...WEB, tags }, "healthy").endpoints.map(({ port }) => port);
		expect([ports(), ports("V1"), ports("v1", "blue"), ports("v2")]).toEqual([[80, 81, 82], [80, 81], [80], []]);
		expect(consulEndpoints(list, { ...WEB, tags: ["v2", "v3"] }, "healthy").notes).toEqual([
			'Consul has no instance of "web" with the tags v2, v3',
		]);
	});

	it("is refused where there are more than a target may have, those with its tags only", async () => {
		const list = await entries({ Service: { Tags: ["v1"] } }, { Service: { Tags: ["v1"] } }, {});
		expect(consulEndpoints(list, { ...WEB, tags: ["v1"] }, "healthy", 2).endpoints).toHaveLength(2);
		expect(() => consulEndpoints(list, WEB, "healthy", 2)).toThrow("gives 3 endpoints, and a target may have 2");
		const text = JSON.stringify([{}, {}, {}]);
		await expect(readHealthEntries(text, 2, signal)).rejects.toThrow("gives 3 endpoints, and a target may have 2");
	});

	it("is refused with its place where it is not understood", async () => {
		const bad = '[{"Node":{"Node":"n"},"Service":{"ID":"a","Port":"80"}}]';
		await expect(readHealthEntries(bad, 10, signal)).rejects.toThrow(
			/the answer:1:\d+ \[0\]\.Service\.Port: expected a/,
		);
		for (const text of ["", "null", "{}", "[null]", "<html>", '[{"Service":{}}]']) {
			await expect(readHealthEntries(text, 10, signal)).rejects.toThrow("the answer is no list of instances");
		}
	});
});
