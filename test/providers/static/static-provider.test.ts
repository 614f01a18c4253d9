import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import { Registry } from "../../../src/providers/registry.js";
import { type FingerpostError, InvalidTarget, UnsupportedScheme } from "../../../src/util/errors.js";

const registry = new Registry();
const signal = new AbortController().signal;

describe("the static provider", () => {
	it.each([
		["127.0.0.1:8080", "127.0.0.1", 8080],
		["[::1]:8080", "::1", 8080],
		["static://127.0.0.1:8080", "127.0.0.1", 8080],
		["STATIC://[2001:DB8::0:1]:8080/", "2001:db8::1", 8080],
		["http://127.0.0.1", "127.0.0.1", 80],
		["http://127.0.0.1:8080/", "127.0.0.1", 8080],
		["http://[::1]", "::1", 80],
		["web.internal:8080", "web.internal", 8080],
		["http://web.internal", "web.internal", 80],
		["https://web.internal", "web.internal", 443],
		["https://[::1]:8443", "::1", 8443],
	])("%s is its own endpoint, by discover and by watch", async (text, address, port) => {
		const target = registry.parse(text);
		const list = [
			{
				address,
				port,
				health: "healthy",
				weight: 100,
				priority: 0,
				locality: { region: "", zone: "", subZone: "" },
				origin: { target: text },
			},
		];
		expect(await registry.provider(target).discover(target, { signal })).toEqual(list);
		const told: (readonly Endpoint[])[] = [];
		const observer = {
			endpoints: (e: readonly Endpoint[]) => told.push(e),
			failed: (e: Error) => expect.unreachable(e.message),
		};
		registry.provider(target).watch(target, observer, { signal });
		expect(told).toEqual([list]);
	});

	it.each([
		["web..internal:80", /neither an IP address nor a host name/],
		["static://127.0.0.1:0", /port must be 1 to 65535/],
		["static://127.0.0.1", /it has no port/],
		["static://", /expected static:\/\/host:port/],
		["https:///x", /expected https:\/\/host\[:port\]/],
		["http:///x", /expected http:\/\/host\[:port\]/],
		["http://127.0.0.1/path", /requests bring their own path/],
		["http://127.0.0.1?x=1", /requests bring their own path; .* is sd\+http:/],
		["static://127.0.0.1:80/x", /requests bring their own path$/],
		["static://10.0.0.1:80,10.0.0.2:80", /write several as endpoints: \[A, B\]/],
		["127.0.0.1", /is not a target/],
	])("%s is refused with the reason", (text, message) => {
		expect(() => registry.parse(text)).toThrow(InvalidTarget);
		expect(() => registry.parse(text)).toThrow(message);
	});

	it("refuses a target that was not checked, too", async () => {
		const target = parseTarget("https://127.0.0.1/path");
		await expect(registry.discover(target, { signal })).rejects.toThrow(InvalidTarget);
		const failures: string[] = [];
		const observer = { endpoints: () => expect.unreachable(), failed: (e: FingerpostError) => failures.push(e.code) };
		registry.provider(target).watch(target, observer, { signal });
		expect(failures).toEqual(["INVALID_TARGET"]);
	});
});

it("an unknown scheme lists the known ones", () => {
	expect(() => registry.parse("nope:///web")).toThrow(UnsupportedScheme);
	expect(() => registry.parse("nope:///web")).toThrow(`known schemes: ${registry.schemes.join(", ")}`);
});
