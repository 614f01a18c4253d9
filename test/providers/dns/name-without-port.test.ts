import { beforeEach, describe, expect, it } from "vitest";
import { record } from "../../../lab/fake-dns.js";
import { addressOf } from "../../../src/model/endpoint.js";
import { ServiceNotFound, SourceFailed } from "../../../src/util/errors.js";
import { heldClock } from "../held-clock.js";
import { SRV, useDnsLab } from "./dns-lab.js";
import { watching } from "./told.js";

const lab = useDnsLab();

describe("a name without a port", () => {
	beforeEach(() => {
		lab.dns.set(SRV, "SRV", "60 20 0 8083 c.test", "60 10 60 8081 a.test", "60 10 20 8082 b.test");
		lab.dns.set("a.test", "A", "60 10.0.0.1");
		lab.dns.set("b.test", "A", "60 10.0.0.2", "60 10.0.0.3");
		lab.dns.set("c.test", "AAAA", "60 ::3");
	});

	it("is its SRV records with their hosts' addresses", async () => {
		const list = await lab.discover("dns:///web.test");
		expect(list.map((e) => `${addressOf(e)} ${e.weight}@${e.priority} ${e.hostname}`)).toEqual([
			"10.0.0.1:8081 60@0 a.test",
			"10.0.0.2:8082 20@0 b.test",
			"10.0.0.3:8082 20@0 b.test",
			"[::3]:8083 100@1 c.test",
		]);
		expect(list[0]?.origin).toEqual({
			target: "dns:///web.test",
			object: "_grpc._tcp.web.test SRV 10 60 8081 a.test",
			revision: "TTL 60",
			at: expect.any(Date),
		});
		expect(lab.dns.count()).toBe(5);
	});

	it("is asked as written where it begins with _", async () => {
		lab.dns.set("_http._tcp.web.test", "SRV", "60 1 1 81 a.test");
		expect((await lab.discover("dns:///_http._tcp.web.test")).map(addressOf)).toEqual(["10.0.0.1:81"]);
		await expect(lab.discover("dns:///_none._tcp.web.test")).rejects.toThrow(
			"_none._tcp.web.test has no SRV record (NXDOMAIN)",
		);
		expect(lab.dns.queries.filter(({ name }) => name.startsWith("_none")).map(({ type }) => type)).toEqual(["SRV"]);
	});

	it("takes the addresses that came along, and asks for the others only", async () => {
		const additionals = [
			record("a.test", "A", 60, "10.0.0.1"),
			record("c.test", "AAAA", 60, "::3"),
			record("other.test", "A", 60, "10.6.6.6"),
		];
		lab.dns.react = ({ type }) => (type === "SRV" ? { additionals, recursive: true } : undefined);
		expect(await lab.discover("dns:///web.test")).toHaveLength(4);
		expect(lab.dns.queries.map(({ name, type }) => `${name} ${type}`).sort()).toEqual([
			`${SRV} SRV`,
			"b.test A",
			"c.test A",
		]);
	});

	it("takes no word of a zone's server for the addresses of another zone, and asks for them", async () => {
		lab.dns.set(SRV, "SRV", "60 1 1 81 own.web.test", "60 1 1 82 bank.other.test");
		lab.dns.set("bank.other.test", "A", "60 10.0.0.82");
		const additionals = [record("own.web.test", "A", 60, "10.0.0.81"), record("bank.other.test", "A", 60, "10.6.6.6")];
		lab.dns.react = ({ type }) => (type === "SRV" ? { additionals } : undefined);
		expect((await lab.discover("dns:///web.test")).map(addressOf)).toEqual(["10.0.0.81:81", "10.0.0.82:82"]);
	});

	it("without SRV records is a clear error where it has addresses, ServiceNotFound where it has not", async () => {
		lab.dns.set(SRV, "SRV");
		const reason =
			"_grpc._tcp.web.test has no SRV record (NXDOMAIN), and the target names no port for the addresses of web.test; write dns:///web.test:PORT";
		await expect(lab.discover("dns:///web.test")).rejects.toThrow(new SourceFailed(reason));
		lab.dns.set(SRV, "A", "60 10.0.0.1");
		await expect(lab.discover("dns:///web.test")).rejects.toThrow(reason.replace("NXDOMAIN", "NODATA"));
		await expect(lab.discover("dns:///none.test")).rejects.toThrow(
			'"dns:///none.test": _grpc._tcp.none.test has no SRV record (NXDOMAIN), and none.test has no address',
		);
		await expect(lab.discover("dns:///none.test")).rejects.toThrow(ServiceNotFound);
	});

	it("does not say of a host that it has no address while a family of it fails", async () => {
		using clock = heldClock();
		lab.dns.set(SRV, "SRV", "60 1 1 81 a.test", "60 1 1 82 six.test");
		lab.dns.set("six.test", "AAAA", "60 ::6");
		lab.dns.react = ({ name, type }) => (name === "six.test" && type === "AAAA" ? { rcode: "SERVFAIL" } : undefined);
		using watched = watching(lab.provider({ addressFamily: "both" }), "dns:///web.test");
		await clock.until("it is told", () => watched.told.all.length > 1);
		expect(watched.told.all.slice(0, 2)).toEqual(["10.0.0.1:81", `!six.test AAAA: SERVFAIL from ${lab.dns.address}`]);
		expect(watched.told.details).toEqual({ partial: true });
	});

	it("does not fall back to addresses because SRV failed", async () => {
		lab.dns.react = ({ type }) => (type === "SRV" ? { rcode: "SERVFAIL" } : undefined);
		await expect(lab.discover("dns:///web.test")).rejects.toThrow(`${SRV} SRV: SERVFAIL from ${lab.dns.address}`);
		expect(lab.dns.queries.map(({ type }) => type)).toEqual(["SRV"]);
	});

	it("leaves out what cannot be used, and says why; a service that is decidedly not there is empty", async () => {
		using clock = heldClock();
		lab.dns.set(SRV, "SRV", "60 1 1 0 a.test", "60 1 1 81 a.test", "60 1 1 82 none.test", "60 1 1 83 no_host!.test");
		using watched = watching(lab.provider(), "dns:///web.test");
		await clock.until("it is told", () => watched.told.all.length > 0);
		expect(watched.told.last).toBe("10.0.0.1:81");
		expect(watched.told.details?.notes).toEqual([
			"_grpc._tcp.web.test SRV 1 1 0 a.test: port 0; left out",
			expect.stringMatching(
				/^_grpc._tcp.web.test SRV 1 1 83 no_host!.test: "no_host!.test" is not a name of DNS.*left out$/,
			),
			"none.test has no address (NXDOMAIN); its records are left out",
		]);
		lab.dns.set("_grpc._tcp.off.test", "SRV", "60 0 0 0 .");
		using off = watching(lab.provider(), "dns:///off.test");
		await clock.until("it is told", () => off.told.all.length > 0);
		expect(off.told.all).toEqual([""]);
		expect(off.told.details?.notes).toEqual(["the SRV records of _grpc._tcp.off.test lead to no address"]);
	});
});
