import { describe, expect, it } from "vitest";
import { record } from "../../../lab/fake-dns.js";
import { addressOf, endpoint } from "../../../src/model/endpoint.js";
import { heldClock } from "../held-clock.js";
import { SRV, useDnsLab } from "./dns-lab.js";
import { watching } from "./told.js";

const lab = useDnsLab();

describe("a watched name", () => {
	it("is asked again by its TTL and told when it changed; what stays keeps its date", async () => {
		using clock = heldClock();
		using watched = watching(lab.provider(), "dns:///web.test:80");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		const { at } = told.list[0]?.origin ?? {};
		lab.dns.set("web.test", "A", "5 10.0.0.2", "5 10.0.0.3");
		await clock.advance(59_000);
		expect([lab.dns.count(), told.all.length]).toEqual([1, 1]);
		await clock.advance(1_200);
		expect(told.last).toBe("10.0.0.2:80 10.0.0.3:80");
		expect(told.list[0]?.origin?.at).toEqual(at);
		expect(told.list[1]?.origin?.at?.getTime()).toBeGreaterThanOrEqual((at?.getTime() ?? 0) + 60_000);
		await clock.advance(29_000);
		expect(lab.dns.count()).toBe(2);
		await clock.advance(1_200);
		expect(lab.dns.count()).toBe(3);
	});

	it("keeps its endpoints while the server fails, asks with a back-off, and is told what came back", async () => {
		using clock = heldClock();
		using watched = watching(lab.provider({ timeout: "1s" }), "dns:///web.test:80");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		const kinds = [
			[{ rcode: "SERVFAIL" }, "SERVFAIL"],
			[{ rcode: "REFUSED" }, "REFUSED"],
			[{ silent: true }, "no answer in time"],
			[{ bytes: Buffer.from("garbage") }, "an answer that is none to the question, and over TCP one that is none"],
		] as const;
		for (const [reaction, reason] of kinds) {
			const before = told.all.length;
			const asked = lab.dns.queries.filter(({ transport }) => transport === "udp").length;
			lab.dns.react = () => reaction;
			lab.dns.set("web.test", "A", `60 10.0.1.${before}`);
			await clock.advance(62_000);
			lab.dns.react = () => undefined;
			expect(told.all.slice(before)).not.toContain("");
			expect(told.last).toContain(`!web.test A: ${reason}`);
			const between = lab.dns.queries.filter(({ transport }) => transport === "udp").length - asked;
			expect(between).toBeGreaterThanOrEqual(1);
			// What is garbage is asked for without EDNS too.
			expect(between).toBeLessThanOrEqual("bytes" in reaction ? 20 : 10);
			await clock.advance(32_000);
			expect(told.last).toBe(`10.0.1.${before}:80`);
		}
	});

	it("asks ever less often of a server that fails for long", async () => {
		using clock = heldClock();
		lab.dns.react = () => ({ rcode: "SERVFAIL" });
		using watched = watching(lab.provider(), "dns:///web.test:80");
		await clock.advance(256_000);
		// After 0, 1, 3, 7, 15, 31, 63, 127 and 255 s.
		expect(lab.dns.count()).toBe(9);
		expect(new Set(watched.told.all)).toEqual(new Set([`!web.test A: SERVFAIL from ${lab.dns.address}`]));
	});

	it("that is not there is empty at once, and noticed when it appears", async () => {
		using clock = heldClock();
		using watched = watching(lab.provider(), "dns:///new.test:80");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		expect([told.last, told.details?.notes]).toEqual(["", ["new.test has no address (NXDOMAIN)"]]);
		lab.dns.set("new.test", "A", "60 10.0.0.9");
		await clock.advance(30_200);
		expect(told.last).toBe("10.0.0.9:80");
		expect([lab.dns.count("new.test A"), lab.dns.count("new.test AAAA")]).toEqual([2, 2]);
	});

	it("is asked again after the SOA's time for what is not there", async () => {
		using clock = heldClock();
		lab.dns.negativeTtl = 100;
		using _watched = watching(lab.provider(), "dns:///new.test:80");
		await clock.advance(99_000);
		expect(lab.dns.count("new.test A")).toBe(1);
		await clock.advance(1_200);
		expect(lab.dns.count("new.test A")).toBe(2);
	});

	it("that had endpoints by an earlier watch is not empty at once either", async () => {
		using clock = heldClock();
		lab.dns.set("web.test", "A");
		const known = [endpoint({ address: "10.0.0.1", port: 80 })];
		using watched = watching(lab.provider({ minInterval: "1s" }), "dns:///web.test:80", known);
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		expect(told.all[0]).toMatch(/^!web.test has no address \(NXDOMAIN\); the endpoints that it had stay until/);
		await clock.advance(59_000);
		expect(told.all).not.toContain("");
		await clock.advance(10_000);
		expect(told.all).toContain("");
	});

	it.each([
		["3 answers and 60 s", {}, 3, 60_000],
		["so many answers", { minInterval: "1s", emptyAfter: "0s", emptyAnswers: 4 }, 4, 15_000],
		["so long", { minInterval: "1s", emptyAfter: "20s", emptyAnswers: 1 }, 5, 20_000],
	])("that had endpoints is empty after %s", async (_, options, answers, after) => {
		using clock = heldClock();
		lab.dns.set("web.test", "A", "1 10.0.0.1");
		using watched = watching(lab.provider(options), "dns:///web.test:80");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		lab.dns.set("web.test", "A");
		const before = lab.dns.count("web.test A");
		await clock.advance(120_000);
		const first = told.all.findIndex((text) => text.startsWith("!"));
		const last = told.all.indexOf("");
		expect(told.all[first]).toMatch(/^!web.test has no address \(NXDOMAIN\); the endpoints that it had stay until/);
		const from = told.times[first] ?? 0;
		const to = told.times[last] ?? 0;
		expect(to - from).toBeGreaterThanOrEqual(after);
		expect(to - from).toBeLessThan(after + 1_000);
		const asked = lab.dns.queries.slice(before).filter(({ type, at }) => type === "A" && at <= to);
		expect(asked).toHaveLength(answers);
		expect(told.details?.notes).toEqual(["web.test has no address (NXDOMAIN)"]);
	});

	it.each(["answer", "failure"])("is not emptied where an %s comes in between", async (between) => {
		using clock = heldClock();
		lab.dns.set("web.test", "A", "1 10.0.0.1");
		using watched = watching(lab.provider({ minInterval: "10s" }), "dns:///web.test:80");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		lab.dns.set("web.test", "A");
		await clock.advance(55_000);
		expect(told.last).toMatch(/^!web.test has no address/);
		if (between === "answer") lab.dns.set("web.test", "A", "1 10.0.0.1");
		else lab.dns.react = () => ({ rcode: "SERVFAIL" });
		await clock.advance(11_000);
		expect(told.last).toMatch(between === "answer" ? /^10.0.0.1:80$/ : /^!web.test A: SERVFAIL/);
		lab.dns.react = () => undefined;
		lab.dns.set("web.test", "A");
		await clock.advance(60_000);
		expect(told.all).not.toContain("");
		await clock.advance(30_000);
		expect(told.last).toBe("");
	});

	it("keeps the last answer of a family that fails, and takes the other's new one", async () => {
		using clock = heldClock();
		lab.dns.set("web.test", "AAAA", "60 ::1");
		using watched = watching(lab.provider({ addressFamily: "both" }), "dns:///web.test:80");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		expect(told.last).toBe("10.0.0.1:80 10.0.0.2:80 [::1]:80");
		lab.dns.set("web.test", "A", "60 10.0.0.8");
		lab.dns.react = ({ type }) => (type === "AAAA" ? { rcode: "SERVFAIL" } : undefined);
		await clock.advance(62_000);
		expect(told.all).toContain("10.0.0.8:80 [::1]:80");
		expect(told.last).toBe(`!web.test AAAA: SERVFAIL from ${lab.dns.address}`);
		lab.dns.set("web.test", "A");
		await clock.advance(600_000);
		expect(told.list.map(addressOf)).toEqual(["[::1]:80"]);
		lab.dns.set("web.test", "AAAA");
		await clock.advance(600_000);
		expect(told.all).not.toContain("");
	});

	it("is told of one family where the other never answered, but not that there is nothing", async () => {
		using clock = heldClock();
		lab.dns.react = ({ type }) => (type === "AAAA" ? { rcode: "SERVFAIL" } : undefined);
		const both = lab.provider({ addressFamily: "both" });
		using web = watching(both, "dns:///web.test:80");
		using none = watching(both, "dns:///none.test:80");
		await clock.until("both are told", () => web.told.all.length > 1 && none.told.all.length > 0);
		expect(web.told.all[0]).toBe("10.0.0.1:80 10.0.0.2:80");
		expect(web.told.details?.partial).toBe(true);
		expect(web.told.all[1]).toBe(`!web.test AAAA: SERVFAIL from ${lab.dns.address}`);
		expect(none.told.all).toEqual([`!none.test AAAA: SERVFAIL from ${lab.dns.address}`]);
	});

	it("does not go over to the other family because the preferred one fails", async () => {
		using clock = heldClock();
		lab.dns.set("web.test", "AAAA", "60 ::1");
		lab.dns.react = ({ type }) => (type === "A" ? { rcode: "SERVFAIL" } : undefined);
		using watched = watching(lab.provider(), "dns:///web.test:80");
		await clock.advance(10_000);
		expect(lab.dns.count("web.test AAAA")).toBe(0);
		expect(watched.told.list).toEqual([]);
		lab.dns.react = () => undefined;
		lab.dns.set("web.test", "A");
		await clock.advance(10_000);
		expect(watched.told.last).toBe("[::1]:80");
		lab.dns.set("web.test", "A", "60 10.0.0.1");
		await clock.advance(60_000);
		expect(watched.told.last).toBe("10.0.0.1:80");
		const asked = lab.dns.count("web.test AAAA");
		await clock.advance(300_000);
		expect(lab.dns.count("web.test AAAA")).toBe(asked);
	});

	it("says that it is told of a part while a host of an SRV record never answered", async () => {
		using clock = heldClock();
		lab.dns.set(SRV, "SRV", "60 1 1 81 a.test", "60 1 1 82 b.test");
		lab.dns.set("a.test", "A", "60 10.0.0.1");
		lab.dns.set("b.test", "A", "60 10.0.0.2");
		lab.dns.react = ({ name }) => (name === "b.test" ? { rcode: "SERVFAIL" } : undefined);
		const known = [endpoint({ address: "10.0.0.1", port: 81 }), endpoint({ address: "10.0.0.2", port: 82 })];
		using fresh = watching(lab.provider(), "dns:///web.test");
		// What was there before is more than the part.
		using anew = watching(lab.provider(), "dns:///web.test", known);
		await clock.until("both are told", () => fresh.told.all.length > 1 && anew.told.all.length > 0);
		const failure = `!b.test A: SERVFAIL from ${lab.dns.address}`;
		expect([fresh.told.all, fresh.told.details?.partial]).toEqual([["10.0.0.1:81", failure], true]);
		expect(anew.told.all).toEqual([failure]);
		lab.dns.react = () => undefined;
		await clock.advance(4_000);
		for (const { told } of [fresh, anew]) {
			expect([told.last, told.details?.partial]).toEqual(["10.0.0.1:81 10.0.0.2:82", undefined]);
		}
	});

	it("follows SRV records, with the hosts' addresses known from before where they fail now", async () => {
		using clock = heldClock();
		lab.dns.set(SRV, "SRV", "60 1 1 81 a.test", "60 1 1 82 b.test");
		const additionals = [record("a.test", "A", 60, "10.0.0.1")];
		lab.dns.set("b.test", "A", "60 10.0.0.2");
		lab.dns.react = ({ type }) => (type === "SRV" ? { additionals, recursive: true } : undefined);
		using watched = watching(lab.provider(), "dns:///web.test");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		expect(told.last).toBe("10.0.0.1:81 10.0.0.2:82");
		// a.test comes along no more and cannot be looked up; c.test is new.
		lab.dns.react = ({ name }) => (name === "a.test" ? { rcode: "SERVFAIL" } : undefined);
		lab.dns.set(SRV, "SRV", "60 1 1 81 a.test", "60 1 1 83 c.test");
		lab.dns.set("c.test", "A", "60 10.0.0.3");
		await clock.advance(61_000);
		expect(told.all).toContain("10.0.0.1:81 10.0.0.3:83");
		expect(told.last).toBe(`!a.test A: SERVFAIL from ${lab.dns.address}`);
		lab.dns.set("a.test", "A", "60 10.0.0.7");
		lab.dns.react = () => undefined;
		await clock.advance(4_000);
		expect(told.last).toBe("10.0.0.7:81 10.0.0.3:83");
		const asked = lab.dns.count("b.test A");
		await clock.advance(120_000);
		expect(lab.dns.count("b.test A")).toBe(asked);
	});

	it("keeps the SRV records while SRV fails, and does not take addresses instead", async () => {
		using clock = heldClock();
		lab.dns.set(SRV, "SRV", "60 1 1 81 a.test");
		lab.dns.set("a.test", "A", "60 10.0.0.1");
		using watched = watching(lab.provider(), "dns:///web.test");
		const { told } = watched;
		await clock.until("it is told", () => told.all.length === 1);
		lab.dns.react = ({ type }) => (type === "SRV" ? { rcode: "SERVFAIL" } : undefined);
		lab.dns.set("a.test", "A", "60 10.0.0.5");
		await clock.advance(300_000);
		expect(told.list.map(addressOf)).toEqual(["10.0.0.5:81"]);
		expect(told.last).toMatch(/^!_grpc._tcp.web.test SRV: SERVFAIL/);
		expect(lab.dns.count("web.test A")).toBe(0);
		// Now they are gone, which the source itself says; the name has addresses, but no port.
		lab.dns.react = () => undefined;
		lab.dns.set(SRV, "SRV");
		await clock.advance(600_000);
		expect(told.last).toMatch(/names no port for the addresses of web.test/);
		expect(told.list.map(addressOf)).toEqual(["10.0.0.5:81"]);
		lab.dns.set("web.test", "A");
		await clock.advance(300_000);
		expect(told.last).toBe("");
	});
});
