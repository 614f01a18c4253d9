import { describe, expect, it } from "vitest";
import { FakeDns, record } from "../../../lab/fake-dns.js";
import { addressOf } from "../../../src/model/endpoint.js";
import { InvalidTarget, ServiceNotFound, SourceFailed } from "../../../src/util/errors.js";
import { useDnsLab } from "./dns-lab.js";

const lab = useDnsLab();

describe("a name with a port", () => {
	it("is its A records, with the name as hostname, and where each came from", async () => {
		const list = await lab.discover("dns:///Web.test.:80");
		expect(list[0]).toEqual({
			address: "10.0.0.1",
			port: 80,
			health: "unknown",
			weight: 100,
			priority: 0,
			locality: { region: "", zone: "", subZone: "" },
			hostname: "web.test",
			origin: {
				target: "dns:///Web.test.:80",
				object: "web.test A 10.0.0.1",
				revision: "TTL 60",
				at: expect.any(Date),
			},
		});
		expect(list.map(addressOf)).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
		expect(lab.dns.queries.map(({ name, type }) => `${name} ${type}`)).toEqual(["web.test A"]);
	});

	it("is asked of the target's own server", async () => {
		await using other = await FakeDns.start();
		other.set("web.test", "A", "60 10.9.9.9");
		const list = await lab.discover(`dns://${other.address}/web.test:80`);
		expect(list.map(addressOf)).toEqual(["10.9.9.9:80"]);
		expect(lab.dns.count()).toBe(0);
	});

	it.each([
		["prefer-ipv4", "both.test", "10.0.0.7:80", "A"],
		["prefer-ipv4", "six.test", "[::6]:80", "A AAAA"],
		["prefer-ipv6", "both.test", "[::7]:80", "AAAA"],
		["prefer-ipv6", "web.test", "10.0.0.1:80 10.0.0.2:80", "AAAA A"],
		["both", "both.test", "10.0.0.7:80 [::7]:80", "A AAAA"],
		["both", "web.test", "10.0.0.1:80 10.0.0.2:80", "A AAAA"],
	])("in %s: %s is %s", async (addressFamily, name, expected, types) => {
		lab.dns.set("both.test", "A", "60 10.0.0.7");
		lab.dns.set("both.test", "AAAA", "60 0:0:0:0:0:0:0:7");
		lab.dns.set("six.test", "AAAA", "60 ::6");
		const list = await lab.discover(`dns:///${name}:80`, { addressFamily });
		expect(list.map(addressOf).join(" ")).toBe(expected);
		expect(lab.dns.queries.map(({ type }) => type).join(" ")).toBe(types);
	});

	it("is found through CNAMEs, also where the server leaves their end to us", async () => {
		lab.dns.set("one.test", "CNAME", "60 two.test");
		lab.dns.set("two.test", "CNAME", "60 web.test");
		expect(await lab.discover("dns:///one.test:80")).toHaveLength(2);
		expect(lab.dns.count()).toBe(1);
		lab.dns.react = ({ name }) =>
			name === "one.test" ? { answers: [record("one.test", "CNAME", 60, "web.test")], referral: true } : undefined;
		expect((await lab.discover("dns:///one.test:80")).map(({ hostname }) => hostname)).toEqual([
			"one.test",
			"one.test",
		]);
		expect(lab.dns.count("web.test A")).toBe(1);
	});

	it("is a failure where CNAMEs go in circles or lead to no name", async () => {
		lab.dns.set("one.test", "CNAME", "60 two.test");
		lab.dns.set("two.test", "CNAME", "60 one.test");
		await expect(lab.discover("dns:///one.test:80")).rejects.toThrow("one.test A: more than 16 CNAMEs in a row");
		lab.dns.react = ({ name }) => ({ answers: [record(name, "CNAME", 60, `x${name}`)] });
		await expect(lab.discover("dns:///one.test:80")).rejects.toThrow("one.test A: more than 16 CNAMEs in a row");
		lab.dns.react = ({ name }) => ({ answers: [record(name, "CNAME", 60, "no name")] });
		await expect(lab.discover("dns:///one.test:80")).rejects.toThrow(/one.test A: a CNAME leads nowhere: "no name"/);
	});

	it("is ServiceNotFound where the source says that there is nothing, and SourceFailed where it does not say", async () => {
		lab.dns.set("text.test", "SRV", "60 1 1 1 web.test");
		await expect(lab.discover("dns:///none.test:80")).rejects.toThrow(ServiceNotFound);
		await expect(lab.discover("dns:///none.test:80")).rejects.toThrow(
			'"dns:///none.test:80": none.test has no address (NXDOMAIN)',
		);
		await expect(lab.discover("dns:///text.test:80")).rejects.toThrow("text.test has no address (NODATA)");
		for (const rcode of ["SERVFAIL", "REFUSED"] as const) {
			lab.dns.react = () => ({ rcode });
			await expect(lab.discover("dns:///none.test:80")).rejects.toThrow(SourceFailed);
		}
		lab.dns.react = () => ({ referral: true, authorities: [record("test", "NS", 60, "ns.test")] });
		await expect(lab.discover("dns:///web.test:80")).rejects.toThrow(/web.test A: a referral/);
		await expect(lab.discover("dns:///10.0.0.1:80")).rejects.toThrow(InvalidTarget);
	});
});
