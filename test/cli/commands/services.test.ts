import { describe, expect, it } from "vitest";
import { type RegistryJson, serviceJson } from "../../../src/admin/admin-json.js";
import { renderService } from "../../../src/cli/render/service-detail.js";
import { renderServices } from "../../../src/cli/render/services-table.js";
import { endpoint } from "../../../src/model/endpoint.js";
import { fakeService, NOON } from "../../admin/fake-sources.js";
import { serviceDetailJson } from "../../admin/json.js";

const style = { wide: false, colours: false, now: new Date(NOON.getTime() + 12_000) };
const version = () => "v1";

const full = endpoint({
	address: "10.0.0.1",
	port: 80,
	health: "healthy",
	locality: { region: "eu", zone: "a", subZone: "" },
	hostname: "b.internal",
	metadata: { v: "2", track: "beta" },
	origin: { target: "file:///f.yaml", object: "/f.yaml", revision: "7", at: NOON },
});
const service = fakeService("checkout", {
	state: "stale",
	endpoints: [full, endpoint({ address: "::1", port: 81, health: "draining" })],
	targets: [
		{
			target: "file:///f.yaml",
			state: "stale",
			staleSince: NOON,
			lastSuccess: NOON,
			lastError: { message: "gone", at: NOON },
			changes: 1,
		},
		{ target: "static://h:1", state: "synced", lastSuccess: NOON, changes: 1 },
	],
	notes: ["mended", "left out"],
	repairs: ["mended"],
});

describe("the table of services", () => {
	it("counts ready endpoints, further targets and notes", () => {
		const services = [serviceJson(service, version), serviceJson(fakeService("pay"), () => "")];
		expect(renderServices({ services }, style).split("\n")).toEqual([
			"NAME       STATE    ENDPOINTS   TARGETS             VERSION   PROBLEMS   NOTES",
			"checkout   stale    1/2         file:///f.yaml +1   v1        0          2",
			"pay        synced   1/1         static://pay:80     -         0          0",
			"",
			"2 services: 1 synced, 1 stale",
			"",
			"checkout file:///f.yaml stale 12s: gone",
			"",
		]);
	});

	it("spells targets and notes out when wide", () => {
		const [, line] = renderServices({ services: [serviceJson(service, version)] }, { ...style, wide: true }).split(
			"\n",
		);
		expect(line).toMatch(/file:\/\/\/f\.yaml, static:\/\/h:1 +v1 +0 +mended; left out +gone \(12s ago\)$/);
	});

	it("says below why services are not as they should be, and of very many how many more", () => {
		const failing = fakeService("k1", {
			state: "unknown",
			endpoints: [],
			targets: [
				{
					target: "k8s:///a/b",
					state: "failed",
					staleSince: NOON,
					lastError: { message: "no kubeconfig", at: NOON },
					changes: 0,
				},
				{ target: "k8s:///a/c", state: "connecting", changes: 0 },
			],
		});
		const empty = fakeService("web", { endpoints: [], notes: ["localhost has no address (NXDOMAIN)"] });
		const since = NOON.toISOString();
		const problem = {
			type: "eds",
			family: "grpc",
			reason: "rejected",
			message: "bad\nweight",
			since,
			rejectedBy: 1,
			ackedBy: 4,
		} as const;
		const services = [
			serviceJson(failing, version),
			serviceJson(empty, version),
			serviceJson(fakeService("pay"), version, [problem]),
		];
		expect(renderServices({ services }, style).split("\n").slice(5)).toEqual([
			"3 services: 2 synced, 1 unknown; 2 without a ready endpoint",
			"",
			"k1 k8s:///a/b failed 12s: no kubeconfig",
			"k1 k8s:///a/c has not answered yet",
			"web has no ready endpoint: localhost has no address (NXDOMAIN)",
			"pay eds for grpc, rejected by 1 of 5 clients for 12s: bad",
			"",
		]);
		const many = Array.from({ length: 30 }, () => serviceJson(empty, version));
		expect(renderServices({ services: many }, style)).toContain("and 10 more: fingerpost services -o wide");
	});

	it("has rows alone where no headers are wanted", () => {
		const services = [serviceJson(service, version)];
		expect(renderServices({ services }, { ...style, headers: false })).toBe(
			"checkout   stale   1/2   file:///f.yaml +1   v1   0   2\n",
		);
	});

	it("has what gets no traffic in red", () => {
		const services = [serviceJson(fakeService("web", { endpoints: [] }), version)];
		expect(renderServices({ services }, { ...style, colours: true })).toContain("\u001b[31m0/0\u001b[39m");
	});
});

describe("one service", () => {
	it("shows head, targets, endpoints and notes", () => {
		expect(renderService(serviceDetailJson(service, version), style)).toBe(`Name:       checkout
State:      stale
Version:    v1
Endpoints:  1 of 2 ready

TARGET           STATE    LAST-SUCCESS   LAST-ERROR
file:///f.yaml   stale    12s            gone (12s ago)
static://h:1     synced   12s            -

ADDRESS       HEALTH     WEIGHT   PRIORITY   LOCALITY
10.0.0.1:80   healthy    100      0          eu/a
[::1]:81      draining   100      0          -

Notes:
  mended
  left out
`);
	});

	it("shows who does not get what, with the client's words line by line", () => {
		const since = NOON.toISOString();
		const [one, none] = [
			{ rejectedBy: 1, ackedBy: 499 },
			{ rejectedBy: null, ackedBy: null },
		];
		const json = serviceDetailJson(service, version, [
			{ type: "eds", family: "envoy", reason: "rejected", message: "bad weight\nin \u001b[31m\n", since, ...one },
			{ type: "lds", family: "envoy", reason: "rejected", message: "no", since, rejectedBy: 2, ackedBy: null },
			{ type: "eds", family: "grpc", reason: "tooLarge", message: "it has 5.0 MiB", since, ...none },
		]);
		expect(renderService(json, style)).toContain(`
Problems:
  eds for envoy, rejected by 1 of 500 clients for 12s: bad weight
    in \\u001b[31m
  lds for envoy, rejected by 2 clients for 12s: no
  eds for grpc, too large for clients for 12s: it has 5.0 MiB

Notes:
`);
	});

	it("says where each endpoint came from when wide", () => {
		const text = renderService(serviceDetailJson(service, version), { ...style, wide: true });
		expect(text).toMatch(/PRIORITY +SHARE +LOCALITY/);
		expect(text).toMatch(/eu\/a +b\.internal +track=beta,v=2 +\/f\.yaml +7 +12s\n/);
	});

	it("shows who has it and who lacks something of it", () => {
		const having = Array.from({ length: 12 }, (_, i) => ({
			node: `e${i}`,
			stream: i,
			types: { eds: "acked" } as const,
		}));
		const lacking = [{ node: "vm", stream: 99, types: { lds: "acked", eds: "sent" } as const }];
		const clients = { asking: 13, acked: 12, having, lacking };
		const text = renderService({ ...serviceDetailJson(service, version), clients }, style);
		expect(text).toContain("Clients:    12 of 13 have it\n");
		expect(text).toContain("\nClients:\n  vm (stream 99): lds acked, eds sent\n  e0 (stream 0): eds acked\n");
		expect(text).toContain("\n  and 3 more\n");
	});

	it("says that it has no endpoints", () => {
		const text = renderService(serviceDetailJson(fakeService("a", { endpoints: [] }), version), style);
		expect(text).toContain("\nNo endpoints.\n");
	});
});

it("whole registries stand below the services, and what is not served of them", () => {
	const registry: RegistryJson = {
		...{
			target: "k8s:///shop/*:http",
			name: "{service}",
			state: "stale" as const,
			services: { found: 42, served: 41 },
		},
		...{
			lastSuccess: NOON.toISOString(),
			lastError: "gone",
			lastErrorAt: NOON.toISOString(),
			staleSince: NOON.toISOString(),
		},
		notes: ["k8s:///shop/web:http is not served: the name is taken"],
	};
	const text = renderServices({ services: [], registries: [registry] }, style);
	expect(text).toMatch(/^REGISTRY +NAMES +STATE +SERVED +LAST-SUCCESS +LAST-ERROR/);
	expect(text).toMatch(/k8s:\/\/\/shop\/\*:http +\{service\} +stale +41\/42 +12s +gone/);
	expect(text).toContain("Notes:\n  k8s:///shop/*:http: k8s:///shop/web:http is not served: the name is taken\n");
	expect(renderServices({ services: [] }, style)).toBe("");
});
