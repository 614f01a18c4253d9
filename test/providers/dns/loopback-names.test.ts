import { describe, expect, it } from "vitest";
import { addressOf } from "../../../src/model/endpoint.js";
import { useDnsLab } from "./dns-lab.js";
import { watching } from "./told.js";

const lab = useDnsLab();

async function found(text: string, options: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
	return (await lab.discover(text, options)).map(addressOf);
}

describe("a name that means the machine itself", () => {
	it.each(["localhost", "LocalHost.", "a.localhost", "x.y.localhost."])(
		"is the loopback without a question: %s",
		async (name) => {
			lab.dns.set(name.toLowerCase().replace(/\.$/, ""), "A", "60 10.6.6.6");
			expect(await found(`dns:///${name}:80`)).toEqual(["127.0.0.1:80"]);
			expect(await found(`dns:///${name}:80`, { addressFamily: "prefer-ipv6" })).toEqual(["[::1]:80"]);
			expect(await found(`dns:///${name}:80`, { addressFamily: "both" })).toEqual(["127.0.0.1:80", "[::1]:80"]);
			// RFC 6761: not even of a server that is named.
			expect(await found(`dns://${lab.dns.address}/${name}:80`)).toEqual(["127.0.0.1:80"]);
			expect(lab.dns.count()).toBe(0);
		},
	);

	it("has no SRV record", async () => {
		await expect(lab.discover("dns:///localhost")).rejects.toThrow(
			"_grpc._tcp.localhost has no SRV record (NXDOMAIN), and the target names no port for the addresses of localhost",
		);
		expect(lab.dns.count()).toBe(0);
	});

	it("is not sent on where a record leads to it", async () => {
		lab.dns.set("alias.test", "CNAME", "60 me.localhost");
		lab.dns.set("_grpc._tcp.web.test", "SRV", "60 1 1 81 localhost");
		expect(await found("dns:///alias.test:80")).toEqual(["127.0.0.1:80"]);
		expect(await found("dns:///web.test")).toEqual(["127.0.0.1:81"]);
		expect(lab.dns.queries.every(({ name }) => name.endsWith(".test"))).toBe(true);
	});

	it.each(["localhost.test", "mylocalhost", "localhost-1.test"])("is not %s", async (name) => {
		lab.dns.set(name, "A", "60 10.0.0.8");
		expect(await found(`dns:///${name}:80`)).toEqual(["10.0.0.8:80"]);
	});
});

describe("an address that no endpoint can have", () => {
	it("is left out with a note, the others stay", async () => {
		lab.dns.set("web.test", "A", "60 0.0.0.0", "60 10.0.0.1", "60 224.0.0.5");
		using watched = watching(lab.provider(), "dns:///web.test:80");
		await expect.poll(() => watched.told.last).toBe("10.0.0.1:80");
		expect(watched.told.details?.notes).toEqual([
			"0.0.0.0 of web.test is left out: it stands for every address of a machine",
			"224.0.0.5 of web.test is left out: it is a multicast address",
		]);
	});

	it("alone, as blocking resolvers give it, empties no target at once", async () => {
		using watched = watching(lab.provider({ minInterval: "1s", maxInterval: "1s" }), "dns:///web.test:80");
		await expect.poll(() => watched.told.last).toBe("10.0.0.1:80 10.0.0.2:80");
		lab.dns.set("web.test", "A", "60 0.0.0.0");
		await expect
			.poll(() => watched.told.last)
			.toMatch(/^!web.test has no address \(no address that can be used\); the endpoints that it had stay until/);
		expect(watched.told.all).not.toContain("");
		await expect(lab.discover("dns:///web.test:80")).rejects.toThrow(
			"web.test has no address (no address that can be used)",
		);
	});
});
