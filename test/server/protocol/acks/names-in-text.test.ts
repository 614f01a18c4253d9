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

	it("are found in other forms than those of words, too", () => {
		const names = ["/web", "a//b", "web:"];
		expect(namesInText("resource /web is bad, and so is a//b.", names)).toEqual(["/web", "a//b"]);
		expect(namesInText("/web/2, x/web and a//bc", names)).toEqual([]);
	});
});
