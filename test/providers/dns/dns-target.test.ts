import { describe, expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { parseServer } from "../../../src/providers/dns/client/server-address.js";
import { fixedServers, systemServers } from "../../../src/providers/dns/client/server-list.js";
import { dnsKind } from "../../../src/providers/dns/dns-kind.js";
import { readDnsTarget } from "../../../src/providers/dns/dns-target.js";
import { heldClock } from "../held-clock.js";

describe("a target", () => {
	it.each([
		["dns:///web.internal", { name: "web.internal", srv: "_grpc._tcp.web.internal" }],
		["dns:///Web.Internal.", { name: "web.internal", srv: "_grpc._tcp.web.internal" }],
		["dns:///_http._tcp.web", { name: "_http._tcp.web", srv: "_http._tcp.web" }],
		["dns:///web:8080", { name: "web", port: 8080 }],
		["dns:///_http._tcp.web:8080", { name: "_http._tcp.web", port: 8080 }],
		["dns://10.0.0.2/web:80", { name: "web", port: 80, server: { host: "10.0.0.2", port: 53 } }],
		["dns://[::1]:5353/web", { name: "web", srv: "_grpc._tcp.web", server: { host: "::1", port: 5353 } }],
	])("%s is read", (text, expected) => {
		expect(readDnsTarget(parseTarget(text))).toEqual(expected);
		expect(dnsKind.check(parseTarget(text))).toBeUndefined();
	});

	it.each([
		["dns:///", "the name is missing: dns:///NAME or dns:///NAME:PORT"],
		["dns://web", "the name comes after it: dns:///web"],
		["dns://ns.internal/web", 'the server to ask is given by its IP address, as in dns://10.0.0.2:53/NAME, not "ns.'],
		["dns://10.0.0.2:0/web", "the server to ask is given by its IP address"],
		["dns:///web?x=1", "a DNS target has no options"],
		["dns:///a/b", 'expected a name, with a port or without, not "a/b"'],
		["dns:///web:", 'the port must be 1 to 65535, not ""'],
		["dns:///web:http", 'the port must be 1 to 65535, not "http"'],
		["dns:///web:0", 'the port must be 1 to 65535, not "0"'],
		["dns:///web:65536", "the port must be 1 to 65535"],
		["dns:///10.0.0.1:80", '"10.0.0.1" is an IP address, which needs no DNS; write it as IP:PORT'],
		["dns:///[::1]:80", "is an IP address, which needs no DNS"],
		["dns:///::1", "is an IP address, which needs no DNS"],
		["dns:///a..b", "has two dots in a row"],
		["dns:///b%C3%BCro.test", "international name in its xn-- form"],
		[`dns:///${"a".repeat(64)}`, "longer than the 63 characters"],
		[`dns:///${"a.".repeat(127)}`, "at most 253 characters"],
		// With _grpc._tcp. before it.
		[`dns:///${"a.".repeat(124)}a`, "at most 253 characters"],
	])("%s is refused with the reason", (text, reason) => {
		expect(dnsKind.check(parseTarget(text))).toContain(reason);
	});
});

describe("servers", () => {
	it.each([
		["127.0.0.1:5353", "127.0.0.1", 5353],
		["10.0.0.2", "10.0.0.2", 53],
		["::1", "::1", 53],
		["[::1]", "::1", 53],
		["[::1]:5353", "::1", 5353],
		["fe80::1%eth0", "fe80::1%eth0", 53],
		["[fe80::1%eth0]:5353", "fe80::1%eth0", 5353],
	])("%s is one", (text, host, port) => {
		expect(parseServer(text)).toEqual({ host, port });
	});

	it.each(["", "ns.internal", "ns:53", "10.0.0.2:0", "10.0.0.2:65536", "10.0.0.2:", "[10.0.0.2]", "[x%y]:53"])(
		"%j is none",
		(text) => {
			expect(parseServer(text)).toBeUndefined();
		},
	);

	it("of the system are read again when they are a minute old", async () => {
		using clock = heldClock();
		let file = ["10.0.0.2"];
		let reads = 0;
		const servers = systemServers(() => {
			reads++;
			return file;
		});
		expect(servers.current()).toEqual([{ host: "10.0.0.2", port: 53 }]);
		file = ["10.0.0.3:5353", "odd", "::1"];
		await clock.advance(59_900);
		expect([servers.current().length, reads]).toEqual([1, 1]);
		await clock.advance(100);
		expect(servers.current()).toEqual([
			{ host: "10.0.0.3", port: 5353 },
			{ host: "::1", port: 53 },
		]);
		expect(reads).toBe(2);
	});

	it("of the system are found", () => {
		expect(systemServers().current().length).toBeGreaterThan(0);
	});

	it("are the same exactly where their key is", () => {
		const keys = ["10.0.0.2", "10.0.0.2:54", "::1"].map((text) => fixedServers([parseServer(text) as never]).key);
		expect(new Set([...keys, systemServers().key]).size).toBe(4);
	});
});
