import { describe, expect, it, vi } from "vitest";
import { record } from "../../../lab/fake-dns.js";
import { parseTarget } from "../../../src/model/target.js";
import { heldClock } from "../held-clock.js";
import { SRV, useDnsLab } from "./dns-lab.js";
import { watching } from "./told.js";

const { signal } = new AbortController();
const lab = useDnsLab();

describe("queries", () => {
	it("are shared by all who ask the same, and end with the last", async () => {
		using clock = heldClock();
		const it = lab.provider();
		const all = [80, 80, 81, 82].map((port) => watching(it, `dns:///web.test:${port}`));
		await clock.until("all are told", () => all.every(({ told }) => told.all.length === 1));
		expect(lab.dns.count()).toBe(1);
		await clock.advance(130_000);
		expect(lab.dns.count()).toBe(3);
		// Who comes later has the answer at once, without a question.
		using late = watching(it, "dns:///Web.test:90");
		expect(late.told.last).toBe("10.0.0.1:90 10.0.0.2:90");
		expect(await it.discover(parseTarget("dns:///web.test:1"), { signal })).toHaveLength(2);
		expect(lab.dns.count()).toBe(3);
		for (const { abort } of all) abort();
		await clock.advance(60_000);
		expect(lab.dns.count()).toBe(4);
		late.abort();
		expect(vi.getTimerCount()).toBe(0);
		await clock.advance(600_000);
		expect(lab.dns.count()).toBe(4);
	});

	it("are shared by records that name the same host", async () => {
		using clock = heldClock();
		lab.dns.set(SRV, "SRV", "60 1 1 81 a.test", "60 1 1 82 a.test");
		lab.dns.set("_http._tcp.web.test", "SRV", "60 1 1 83 a.test");
		lab.dns.set("a.test", "A", "60 10.0.0.1");
		const it = lab.provider();
		using one = watching(it, "dns:///web.test");
		using two = watching(it, "dns:///_http._tcp.web.test");
		using three = watching(it, "dns:///a.test:1");
		await clock.until("all are told", () => [one, two, three].every(({ told }) => told.all.length > 0));
		expect(lab.dns.count("a.test A")).toBe(1);
		one.abort();
		two.abort();
		three.abort();
		expect(vi.getTimerCount()).toBe(0);
	});

	it("begin anew for who comes after the last has gone", async () => {
		using clock = heldClock();
		const it = lab.provider();
		for (const address of ["10.0.0.8", "10.0.0.9"]) {
			lab.dns.set("web.test", "A", `60 ${address}`);
			using watched = watching(it, "dns:///web.test:80");
			await clock.until("it is told", () => watched.told.all.length > 0);
			expect(watched.told.all).toEqual([`${address}:80`]);
		}
	});

	it("of one look-up have the time-out together", async () => {
		lab.dns.react = ({ name }) => ({
			delay: 300,
			answers: [record(name, "CNAME", 60, name === "one.test" ? "two.test" : "three.test")],
			referral: true,
		});
		using clock = heldClock();
		const failed = expect(lab.discover("dns:///one.test:80", { timeout: "500ms" })).rejects.toThrow(
			`two.test A: no answer in time from ${lab.dns.address}`,
		);
		await clock.advance(500);
		await failed;
	});

	it("are not more frequent than the minimum interval, however often a refresh is requested", async () => {
		using clock = heldClock();
		lab.dns.set("web.test", "A", "3600 10.0.0.1");
		const it = lab.provider({ minInterval: "10s" });
		using watched = watching(it, "dns:///web.test:80");
		await clock.until("it is told", () => watched.told.all.length === 1);
		lab.dns.set("web.test", "A", "3600 10.0.0.2");
		for (let i = 0; i < 95; i++) {
			it.refresh(watched.target);
			await clock.advance(100);
		}
		expect(lab.dns.count()).toBe(1);
		await clock.advance(1_000);
		expect([lab.dns.count(), watched.told.last]).toEqual([2, "10.0.0.2:80"]);
		await clock.advance(100_000);
		expect(lab.dns.count()).toBe(2);
		it.refresh(parseTarget("dns:///web.test:81"));
		await clock.advance(100);
		expect(lab.dns.count()).toBe(2);
		it.refresh(watched.target);
		await clock.advance(100);
		expect(lab.dns.count()).toBe(3);
	});

	it("run a hundred at a time", async () => {
		using clock = heldClock();
		lab.dns.react = () => ({ silent: true });
		const it = lab.provider();
		const all = Array.from({ length: 150 }, (_, i) => watching(it, `dns:///n${i}.test:80`));
		await clock.until("a hundred are asked", () => lab.dns.count() === 100);
		await clock.advance(4_000);
		expect(lab.dns.count()).toBe(100);
		lab.dns.react = () => undefined;
		await clock.advance(8_000);
		expect(new Set(lab.dns.queries.map(({ name }) => name)).size).toBe(150);
		for (const { abort } of all) abort();
		expect(vi.getTimerCount()).toBe(0);
	});

	it("leave nothing behind where the watch or the look-up ends at once", async () => {
		using clock = heldClock();
		const it = lab.provider();
		const begun = watching(it, "dns:///web.test:80");
		begun.abort();
		it.watch(parseTarget("dns:///web.test:80"), begun.told, { signal: AbortSignal.abort() });
		await expect(it.discover(begun.target, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
		const controller = new AbortController();
		const asked = expect(it.discover(begun.target, { signal: controller.signal })).rejects.toThrow("aborted");
		controller.abort();
		await asked;
		expect(vi.getTimerCount()).toBe(0);
		await clock.advance(1_000);
		expect(begun.told.all).toEqual([]);
		lab.dns.react = ({ type }) => (type === "AAAA" ? { rcode: "SERVFAIL" } : undefined);
		const once = new AbortController();
		const both = lab.provider({ addressFamily: "both" });
		const ending = { endpoints: vi.fn(() => once.abort()), failed: vi.fn() };
		both.watch(parseTarget("dns:///web.test:80"), ending, { signal: once.signal });
		await clock.until("it is told", () => ending.endpoints.mock.calls.length > 0);
		expect(ending.failed).not.toHaveBeenCalled();
		expect(vi.getTimerCount()).toBe(0);
		it.watch(parseTarget("dns:///a..b"), begun.told, { signal });
		expect(begun.told.all).toEqual([expect.stringContaining('!"dns:///a..b": ')]);
	});
});
