import { describe, expect, it } from "vitest";
import { nomadEndpoints } from "../../../src/providers/nomad/nomad-endpoints.js";
import { type Registration, readRegistrations, readServiceList } from "../../../src/providers/nomad/registration.js";

const { signal } = new AbortController();
const WEB = { text: "nomad:///web", service: "web", tags: [], parameters: {} };

/** As Nomad's documentation shows it, with other parts. */
async function registrations(...parts: readonly object[]): Promise<readonly Registration[]> {
	const written = parts.map((part, i) => ({
		...{ Address: "10.0.0.1", AllocID: "5f0730ca-b055-52ac-f56e-358f3f7412f6", CreateIndex: 18, Datacenter: "dc1" },
		...{ ID: `_nomad-task-5f0730ca-group-web-${i}`, JobID: "shop", ModifyIndex: 18, Namespace: "default" },
		...{ NodeID: "7406e90b-de16-d118-80fe-60d0f2730cb3", Port: 80 + i, ServiceName: "web", Tags: null },
		...part,
	}));
	return readRegistrations(JSON.stringify(written), 1_000, signal);
}

describe("a registration in Nomad", () => {
	it("is an endpoint of which nobody knows the health", async () => {
		const { endpoints, notes } = nomadEndpoints(await registrations({}), WEB, 10);
		expect(endpoints).toMatchObject([
			{
				...{ address: "10.0.0.1", port: 80, health: "unknown", weight: 100, metadata: { datacenter: "dc1" } },
				locality: { region: "", zone: "", subZone: "" },
				origin: { target: "nomad:///web", object: "_nomad-task-5f0730ca-group-web-0", revision: "18" },
			},
		]);
		expect(notes).toEqual([]);
	});

	it("has the weight and the metadata of its tags, and a note of a weight that is none", async () => {
		const list = await registrations(
			{
				Tags: ["v2", "fingerpost.weight=30", "fingerpost.metadata.version=2=beta", "fingerpost.metadata.datacenter=x"],
			},
			{ Tags: ["fingerpost.weight=many", "=", "fingerpost.weight"], Datacenter: "" },
		);
		const { endpoints, notes } = nomadEndpoints(list, WEB, 10);
		expect(endpoints.map(({ weight, metadata }) => [weight, metadata])).toEqual([
			[30, { datacenter: "x", version: "2=beta" }],
			[100, undefined],
		]);
		expect(notes).toEqual([
			'_nomad-task-5f0730ca-group-web-1: its tag fingerpost.weight must be a whole number from 0 to 65535, not "many"; it counts as 100',
		]);
	});

	it("is left out without an address or a port, or without the tags that are asked for", async () => {
		const list = await registrations({ Address: "" }, { Port: 0 }, { Tags: ["Blue", "v1"] });
		const { endpoints, notes } = nomadEndpoints(list, WEB, 10);
		expect(endpoints.map(({ port }) => port)).toEqual([82]);
		expect(notes.map((note) => note.replace(/^\S+-/, ""))).toEqual([
			"0 is left out: it has no address",
			"1 is left out: it has no port",
		]);
		const blue = nomadEndpoints(list, { ...WEB, tags: ["blue", "V1"] }, 1);
		expect(blue.endpoints).toHaveLength(1);
		expect(nomadEndpoints(list, { ...WEB, tags: ["green"] }, 1).notes).toEqual([
			'Nomad has no instance of "web" with the tag green',
		]);
		expect(() => nomadEndpoints(list, WEB, 2)).toThrow("gives 3 endpoints, and a target may have 2");
	});

	it("is refused with its place where it is not understood", async () => {
		await expect(readRegistrations('[{"ID":"a","Port":"80"}]', 10, signal)).rejects.toThrow(/list of instances.*Port/s);
	});
});

describe("Nomad's list of services", () => {
	it("has names and tags; without any service there is no namespace in it", async () => {
		const Services = [{ ServiceName: "web", Tags: ["a"] }, { ServiceName: "db" }];
		const list = await readServiceList(JSON.stringify([{ Namespace: "shop", Services }]), signal);
		expect([...list]).toEqual([
			["web", ["a"]],
			["db", []],
		]);
		expect((await readServiceList("[]", signal)).size).toBe(0);
	});

	it.each(["{}", "[null]", '[{"Namespace":"shop"}]', '[{"Services":[null]}]', '[{"Services":[{"Tags":[]}]}]', "null"])(
		"%s is none",
		async (text) => {
			await expect(readServiceList(text, signal)).rejects.toThrow("the answer is no list of services");
		},
	);
});
