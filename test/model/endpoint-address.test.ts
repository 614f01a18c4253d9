import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf } from "../../src/model/endpoint.js";
import { parseEndpointAddress, unusableAddress } from "../../src/model/endpoint-address.js";

describe("an endpoint's address", () => {
	it.each([
		["127.0.0.1:8080", "127.0.0.1", 8080],
		["255.255.255.254:65535", "255.255.255.254", 65535],
		["223.0.0.1:80", "223.0.0.1", 80],
		["240.0.0.1:80", "240.0.0.1", 80],
		["[::1]:1", "::1", 1],
		["[2001:DB8:0:0:0:0:0:1]:80", "2001:db8::1", 80],
		["[0:0:0:0:0:0:0:2]:80", "::2", 80],
		["[::ffff:1.2.3.4]:80", "::ffff:1.2.3.4", 80],
		["web.internal:80", "web.internal", 80],
		["_web:80", "_web", 80],
		["web.internal.:80", "web.internal.", 80],
		["[0:0:0:0:0:FFFF:1.2.3.4]:80", "::ffff:1.2.3.4", 80],
		["[::ffff:102:ff]:80", "::ffff:1.2.0.255", 80],
		["[FEFF:0:0::1]:80", "feff::1", 80],
		["[ff::1]:80", "ff::1", 80],
		["[1::ffff:1.2.3.4]:80", "1::ffff:102:304", 80],
	])("is read from %s", (text, address, port) => {
		expect(parseEndpointAddress(text)).toEqual({ address, port });
	});

	it.each([
		["0.0.0.0:80", '"0.0.0.0" is not an endpoint\'s address: it stands for every address of a machine'],
		["255.255.255.255:80", '"255.255.255.255" is not an endpoint\'s address: it is the broadcast address'],
		["224.0.0.1:80", '"224.0.0.1" is not an endpoint\'s address: it is a multicast address'],
		["239.255.1.2:80", '"239.255.1.2" is not an endpoint\'s address: it is a multicast address'],
		["[::]:80", '"::" is not an endpoint\'s address: it stands for every address of a machine'],
		["[0:0::0:0]:80", '"0:0::0:0" is not an endpoint\'s address: it stands for every address of a machine'],
		["[FF02::1]:80", '"FF02::1" is not an endpoint\'s address: it is a multicast address'],
		["[::ffff:0.0.0.0]:80", '"::ffff:0.0.0.0" is not an endpoint\'s address: it stands for every address of a machine'],
		["[0:0:0:0:0:ffff:e000:1]:80", '"0:0:0:0:0:ffff:e000:1" is not an endpoint\'s address: it is a multicast address'],
		["300.1.1.1:80", '"300.1.1.1" is not an IP address'],
		["1.2.3:80", '"1.2.3" is not an IP address'],
		["a..b:80", '"a..b" is neither an IP address nor a host name'],
		["-a:80", '"-a" is neither an IP address nor a host name'],
		["127.0.0.01:80", '"127.0.0.01" is not an IP address'],
		["1.2.3.4:0", "the port must be 1 to 65535, not 0"],
		["1.2.3.4:99999", "the port must be 1 to 65535, not 99999"],
		["1.2.3.4", "it has no port; write 1.2.3.4:8080"],
		["[::1]", "it has no port; write [::1]:8080"],
		["::1", /needs brackets and a port/],
		["::1:8080", /needs brackets and a port/],
		["2001:db8:0:0:0:0:0:1:8080", /needs brackets and a port/],
		["[1.2.3.4]:80", '"1.2.3.4" is not an IPv6 address'],
		["[:::]:80", '":::" is not an IPv6 address'],
		["[fe80::1%eth0]:80", /expected an address and port/],
		["http://1.2.3.4:80", /expected an address and port/],
		["1.2.3.4:80 ", /expected an address and port/],
		["", /expected an address and port/],
	])("is refused where it is %j", (text, problem) => {
		expect(parseEndpointAddress(text).problem).toEqual(
			typeof problem === "string" ? problem : expect.stringMatching(problem),
		);
	});

	it("has one canonical text, which is an address and is its own canonical text", () => {
		fc.assert(
			fc.property(fc.ipV6(), fc.integer({ min: 1, max: 65_535 }), (ip, port) => {
				fc.pre(isIPv6(ip) && unusableAddress(ip) === undefined);
				const once = parseEndpointAddress(`[${ip}]:${port}`);
				if (once.problem !== undefined) throw new Error(once.problem);
				expect(isIPv6(once.address)).toBe(true);
				expect(parseEndpointAddress(addressOf(once))).toEqual(once);
				expect(parseEndpointAddress(`[${ip.toUpperCase()}]:${port}`)).toEqual(once);
			}),
		);
	});
});
