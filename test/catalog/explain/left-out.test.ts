import { describe, expect, it } from "vitest";
import { leftOutOf } from "../../../src/catalog/explain/left-out.js";

// The sentences as the catalog and each provider write them.
describe("what a note says was left out", () => {
	it.each([
		["duplicate endpoint 10.0.0.1:80 in dns:///a:80 left out", "10.0.0.1:80", undefined, "it is a duplicate"],
		[
			"duplicate endpoint [fd00::1]:80 in inline left out, already given by dns:///a:80",
			"[fd00::1]:80",
			undefined,
			"it is a duplicate: already given by dns:///a:80",
		],
		["endpoint 10.0.0.1:0 left out: port 0 is none", "10.0.0.1:0", undefined, "port 0 is none"],
		["10.0.0.1:80 (web-1) is left out: it is not ready", "10.0.0.1:80", "web-1", "it is not ready"],
		[
			"10.0.0.9 of web-x7k is left out: it is not an IPv6 address",
			"10.0.0.9",
			"of web-x7k",
			"it is not an IPv6 address",
		],
		["0.0.0.0 of a.test is left out: it is no endpoint", "0.0.0.0", "of a.test", "it is no endpoint"],
		["services/web/1 is left out: it is no JSON", undefined, "services/web/1", "it is no JSON"],
		["node-1/web-2 is left out: it has no port", undefined, "node-1/web-2", "it has no port"],
		["shop-web-1 is left out: it is exited", undefined, "shop-web-1", "it is exited"],
		["endpoint 3 is left out: port: a port is a number", undefined, "3", "port: a port is a number"],
		["web-1: port 0; left out", undefined, "web-1", "port 0"],
		["_a._tcp.b SRV 0 0 0 c: port 0; left out", undefined, "_a._tcp.b SRV 0 0 0 c", "port 0"],
	])("%s", (note, address, object, reason) => {
		expect(leftOutOf(note)).toEqual({ address, object, reason });
	});

	it.each([
		"dns:///a:80 has no endpoint",
		"endpoint 10.0.0.1:80 has weight 0: it gets no traffic",
		"no target of priority 1: the lower priorities move up",
	])("is nothing of: %s", (note) => {
		expect(leftOutOf(note)).toBeUndefined();
	});
});
