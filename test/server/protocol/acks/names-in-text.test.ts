import { describe, expect, it } from "vitest";
import { namesInText } from "../../../../src/server/protocol/acks/names-in-text.js";

describe("names in a client's text", () => {
	it.each([
		["Error adding/updating cluster(s) web: bad", ["web"]],
		["resource web-2 is bad", ["web-2"]],
		["resource api.web is bad", ["api.web"]],
		["shop/web and web.", ["web", "shop/web"]],
		['["web"]: bad', ["web"]],
		["webs, a_web, web2", []],
		["nothing", []],
		[`${" ".repeat(20_000)}web`, []],
	])("%j names %j", (text, found) => {
		expect(namesInText(text, ["web", "web-2", "api.web", "shop/web", ""]).sort()).toEqual([...found].sort());
	});

	it("are those of its first 16,384 characters", () => {
		const text = (length: number) => `${"x".repeat(length - " web".length)} web`;
		expect([namesInText(text(16_384), ["web"]), namesInText(text(16_385), ["web"])]).toEqual([["web"], []]);
	});

	it("of other forms are looked for in 16 Mi characters, all searches together", () => {
		const text = `${"x".repeat(16_384 - " /web".length)} /web`;
		const others = (count: number) => Array.from({ length: count }, (_, i) => `/x${i}`);
		expect(namesInText(text, [...others(1_022), "/web"])).toEqual(["/web"]);
		expect(namesInText(text, [...others(1_023), "/web", "x"])).toEqual([]);
	});

	it.each(["x/web", "x:/web", "/web:x", "/webx", "-/web", "/web-"])(
		"of other forms are not those within %j",
		(text) => {
			expect(namesInText(text, ["/web"])).toEqual([]);
		},
	);

	it.each(["/web", " /web ", "::/web::", "x/web /web", "(/web)"])(
		"of other forms are those that stand alone in %j",
		(text) => {
			expect(namesInText(text, ["/web"])).toEqual(["/web"]);
		},
	);

	it("of other forms are found where one that does not stand alone overlaps one that does", () => {
		expect(namesInText("a+++", ["++"])).toEqual(["++"]);
		expect(namesInText("a++", ["++"])).toEqual([]);
	});

	it("are found in other forms than those of words, too", () => {
		const names = ["/web", "a//b", "web:"];
		expect(namesInText("resource /web is bad, and so is a//b.", names)).toEqual(["/web", "a//b"]);
		expect(namesInText("/web/2, x/web and a//bc", names)).toEqual([]);
	});
});
