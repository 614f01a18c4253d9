import { describe, expect, it } from "vitest";
import { EventParser } from "../../../src/admin/page/client/events.js";
import {
	age,
	hashOf,
	hostPort,
	localityText,
	pattern,
	percent,
	readHash,
	span,
	took,
	typeState,
} from "../../../src/admin/page/client/format.js";

describe("what the page writes", () => {
	it.each([
		[-5, "0s"],
		[119.9, "119s"],
		[120, "2m"],
		[7_199, "119m"],
		[7_200, "2h"],
		[172_800, "2d"],
	])("%d seconds as %s", (seconds, text) => {
		expect(span(seconds)).toBe(text);
	});

	it("ages from now, and nothing for no time", () => {
		const now = Date.parse("2026-11-24T12:00:30.000Z");
		expect(age("2026-11-24T12:00:00.000Z", now)).toBe("30s");
		expect(age(null, now)).toBe("");
	});

	it("how long a change took", () => {
		expect(took("2026-11-24T12:00:00.000Z", "2026-11-24T12:00:00.043Z")).toBe("43 ms");
		expect(took("2026-11-24T12:00:00.000Z", "2026-11-24T12:00:02.120Z")).toBe("2.1 s");
	});

	it.each([
		[0, "0 %"],
		[1 / 3, "33 %"],
		[1, "100 %"],
		[0.0123, "1.2 %"],
		[0.00001, "0.001 %"],
	])("a share of %d as %s, and never a small one as none", (share, text) => {
		expect(percent(share)).toBe(text);
	});

	it("addresses and localities", () => {
		expect(hostPort("fd00::1", 80)).toBe("[fd00::1]:80");
		expect(hostPort("10.0.0.1", 80)).toBe("10.0.0.1:80");
		expect(localityText({ region: "eu", zone: "eu-1a", subZone: "" })).toBe("eu/eu-1a");
		expect(localityText(null)).toBe("");
	});

	it("how a type of a client stands, the worst first", () => {
		const now = Date.parse("2026-11-24T12:00:30.000Z");
		const sent = { at: "2026-11-24T12:00:29.000Z" };
		const fine = { nacked: null, asksNothing: false, counts: { missing: 0 }, synced: true, acked: sent, sent };
		expect(typeState(fine, now)).toBe("synced");
		expect(typeState({ ...fine, synced: false }, now)).toBe("sending");
		expect(typeState({ ...fine, synced: false, sent: { at: "2026-11-24T12:00:00.000Z" } }, now)).toBe("stale");
		expect(typeState({ ...fine, counts: { missing: 1 } }, now)).toBe("missing");
		expect(typeState({ ...fine, asksNothing: true, synced: false }, now)).toBe("asks nothing");
		expect(typeState({ ...fine, nacked: {}, counts: { missing: 1 } }, now)).toBe("rejected");
	});
});

describe("the page's addresses", () => {
	it.each(["web", "shop/web:80", "a?b=c&d#e", "<img>", "ü %41"])("keep the name %s", (name) => {
		const { view, name: read, query } = readHash(hashOf("services", name, { after: "x/y", search: "" }));
		expect([view, read, [...query]]).toEqual(["services", name, [["after", "x/y"]]]);
	});

	it("are read without a name, and with one that is broken", () => {
		expect(readHash("").view).toBe("");
		expect(readHash("#/services?only=problems").query.get("only")).toBe("problems");
		expect(readHash("#/services/%E0%A4").name).toBe("%E0%A4");
	});

	it("search by a part of a name, or by the pattern that was typed", () => {
		expect(pattern("web")).toBe("*web*");
		expect(pattern("shop/*")).toBe("shop/*");
	});
});

describe("events as the page reads them", () => {
	const TEXT = 'retry: 2000\n\n:\n\nevent: change\ndata: {"service":"web"}\n\ndata: a\ndata: b\n\n';
	const EVENTS = [
		{ kind: "change", data: '{"service":"web"}' },
		{ kind: "message", data: "a\nb" },
	];

	it("are the same wherever the text is cut", () => {
		for (let cut = 0; cut <= TEXT.length; cut++) {
			const parser = new EventParser();
			expect([...parser.push(TEXT.slice(0, cut)), ...parser.push(TEXT.slice(cut))]).toEqual(EVENTS);
		}
	});

	it("do not fill the memory where they have no end", () => {
		const parser = new EventParser();
		expect(parser.push(`data: ${"x".repeat(5 * 1024 * 1024)}`)).toEqual([]);
		expect(parser.push("\n\ndata: a\n\n")).toEqual([{ kind: "message", data: "a" }]);
	});
});
