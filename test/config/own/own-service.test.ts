import { describe, expect, it } from "vitest";
import { OwnServices } from "../../../src/config/own/own-service.js";
import type { ServiceOptions } from "../../../src/config/own/service-options.js";
import { InvalidEndpoints } from "../../../src/input/endpoint-file.js";
import type { EndpointInput } from "../../../src/input/given/endpoint-input.js";
import { endpoint } from "../../../src/model/endpoint.js";

function ownService(name: string, inputs: readonly EndpointInput[], options: ServiceOptions) {
	return new OwnServices().read(name, inputs, options);
}

function endpointsOf(...inputs: readonly EndpointInput[]) {
	return (ownService("web", inputs, {}).endpoints ?? []).map(({ origin: _, ...e }) => e);
}

/** What is refused, a line each. */
function problems(...inputs: readonly unknown[]): readonly string[] {
	try {
		ownService("web", inputs as EndpointInput[], {});
	} catch (error) {
		if (error instanceof InvalidEndpoints) return error.message.split("\n");
		throw error;
	}
	return [];
}

describe("a service that a program is the source of", () => {
	it("has healthy endpoints of full weight unless said otherwise", () => {
		const usual = { health: "healthy", weight: 100, priority: 0, locality: { region: "", zone: "", subZone: "" } };
		expect(endpointsOf("127.0.0.1:80", { address: "127.0.0.1", port: 81 })).toEqual([
			{ address: "127.0.0.1", port: 80, ...usual },
			{ address: "127.0.0.1", port: 81, ...usual },
		]);
	});

	it("takes over what is said of an endpoint", () => {
		const said = {
			address: "10.0.0.1",
			port: 80,
			health: "draining",
			weight: 0,
			priority: 128,
			hostname: "a.internal",
			metadata: { version: "v2" },
		} as const;
		expect(endpointsOf({ ...said, locality: { zone: "a" } })).toEqual([
			{ ...said, locality: { region: "", zone: "a", subZone: "" } },
		]);
	});

	it("takes endpoints as a registry gives them, and what is undefined for not given", () => {
		const found = endpoint({ address: "fd00::1", port: 80, health: "unknown", weight: 7 });
		expect(endpointsOf(found)).toEqual([found]);
		expect(endpointsOf({ address: "::1", port: 80, weight: undefined, health: undefined })).toMatchObject([
			{ weight: 100, health: "healthy" },
		]);
	});

	it("knows an address by one text, however it is written", () => {
		expect(endpointsOf("[FD00::0:1]:80", { address: "fd00:0::1", port: 80 }).map((e) => e.address)).toEqual([
			"fd00::1",
			"fd00::1",
		]);
	});

	it("takes host names", () => {
		expect(endpointsOf("web.internal:80", { address: "web.internal", port: 81 })).toMatchObject([
			{ address: "web.internal", port: 80 },
			{ address: "web.internal", port: 81 },
		]);
	});

	it("says when it was set, unless the program has a word of its own for where it came from", () => {
		const [one, two] = ownService(
			"web",
			["10.0.0.1:80", { address: "10.0.0.2", port: 80, origin: { object: "row 7" } }],
			{},
		).endpoints as [ReturnType<typeof endpoint>, ReturnType<typeof endpoint>];
		expect(one.origin).toEqual({ target: "inline", at: expect.any(Date) });
		expect(two.origin).toEqual({ target: "inline", at: expect.any(Date), object: "row 7" });
	});

	it.each([
		["a port that is none", { address: "10.0.0.1", port: 99_999 }, "the port must be 1 to 65535, not 99999"],
		["a port that is no whole number", { address: "10.0.0.1", port: 1.5 }, "expected an address and port"],
		["no port", { address: "10.0.0.1" }, "it has no port"],
		["no address", { port: 80 }, "address: is missing"],
		["an address that is none", { address: "10.0.0.256", port: 80 }, '"10.0.0.256" is not an IP address'],
		[
			"a weight that is too large",
			{ address: "10.0.0.1", port: 80, weight: 65_536 },
			"a weight is a whole number from 0",
		],
		["a weight that is none", { address: "10.0.0.1", port: 80, weight: Number.NaN }, "a weight is a whole number"],
		["an unknown health", { address: "10.0.0.1", port: 80, health: "helthy" }, 'did you mean "healthy"?'],
		["a misspelt key", { address: "10.0.0.1", port: 80, wieght: 5 }, 'unknown key "wieght"; did you mean "weight"?'],
		[
			"metadata that are no values",
			{ address: "10.0.0.1", port: 80, metadata: { a: null } },
			"expected a text, a number",
		],
		["a locality that is none", { address: "10.0.0.1", port: 80, locality: "eu" }, "expected keys with values"],
		["a number", 80, "expected an endpoint such as 127.0.0.1:8080"],
		["nothing", undefined, "expected an endpoint such as"],
		["null", null, "expected an endpoint such as"],
	])("refuses %s, and says at which endpoint", (_, input, message) => {
		expect(problems("127.0.0.1:80", input)).toEqual([expect.stringContaining(message)]);
		expect(problems("127.0.0.1:80", input)[0]).toMatch(/^service "web" endpoints\[1\]/);
	});

	it("takes what was discovered, with its URL and readiness", () => {
		const found = endpoint({ address: "10.0.0.1", port: 80, health: "healthy" });
		expect(endpointsOf({ ...found, url: "http://10.0.0.1:80", ready: true })).toEqual([found]);
	});

	it("tells of a problem where in the list it is, and of no file", () => {
		try {
			ownService("web", ["10.0.0.1:80", "nonsense"], {});
			expect.unreachable();
		} catch (error) {
			expect((error as InvalidEndpoints).problems).toEqual([
				{ path: "endpoints[1]", message: expect.stringContaining("expected an address and port") },
			]);
		}
	});

	it("tells every problem at once", () => {
		expect(problems("nonsense", { address: "10.0.0.1", port: 0 }, "10.0.0.1:80")).toHaveLength(2);
		expect(() => ownService("web", "127.0.0.1:80" as unknown as string[], {})).toThrow("expected a list of endpoints");
	});

	it.each<[string, string, ServiceOptions, string]>([
		["a name that cannot be", "a b", {}, "a service name has only letters"],
		[
			"an unknown protocol",
			"web",
			{ protocol: "http3" as "http2" },
			'protocol: expected one of http1, http2, grpc, not "http3"',
		],
		...[Number.NaN, Number.POSITIVE_INFINITY, 0, 1.5, 2 ** 31].map(
			(value): [string, string, ServiceOptions, string] => [
				`a time that cannot be, such as ${value}`,
				"web",
				{ connectTimeout: value as number },
				`connectTimeout: expected 1 to 2147483647 ms, a whole number, or a text such as 5s, not ${value}`,
			],
		),
		[
			"an option that there is not",
			"web",
			{ protcol: "grpc" } as object,
			'unknown option "protcol"; did you mean "protocol"?',
		],
		["a name that is not a string", 5 as unknown as string, {}, "a service name is a string"],
	])("refuses %s", (_, name, options, message) => {
		expect(() => ownService(name, [], options)).toThrow(
			expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringContaining(message) }),
		);
	});
});

describe("the defaults of services that a program is the source of", () => {
	const byLoad = { loadBalancing: { policy: "client_side_weighted_round_robin" } } as const;

	it("count for what is set, and others for what was set before", () => {
		const own = new OwnServices({ timeout: 5_000 });
		expect(own.read("web", ["127.0.0.1:80"], {}).policies).toEqual({ timeout: 5_000 });
		own.read("api", ["127.0.0.1:81"], { timeout: "9s" });
		expect(own.setDefaults({ timeout: 5_000 })).toEqual([]);
		const changed = own.setDefaults({ timeout: 6_000, protocol: "grpc" });
		expect(
			changed.map(({ name, protocol, policies, endpoints }) => [name, protocol, policies, endpoints?.length]),
		).toEqual([
			["web", "grpc", { timeout: 6_000 }, 1],
			["api", "grpc", { timeout: 9_000 }, 1],
		]);
		expect(own.read("web", ["127.0.0.1:80"], {}).policies).toEqual({ timeout: 6_000 });
	});

	it("stay as they were where others do not go with a service", () => {
		const own = new OwnServices();
		for (const name of ["a", "b"]) own.read(name, [], { subsets: [["version"]] });
		expect(() => own.setDefaults(byLoad)).toThrow(
			/^config defaults: service "a" subsets: cannot be had .*\n.*config defaults: service "b" subsets: cannot be had/s,
		);
		expect(own.read("a", [], { subsets: [["version"]] }).policies).toEqual({ subsets: [["version"]] });
		expect(own.read("c", [], {}).policies).toBeUndefined();
	});
});
