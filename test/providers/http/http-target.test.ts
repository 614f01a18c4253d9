import { describe, expect, it } from "vitest";
import { parseTarget } from "../../../src/model/target.js";
import { readHttpTarget } from "../../../src/providers/http/http-target.js";

const read = (text: string) => readHttpTarget(parseTarget(text));

describe("an HTTP target", () => {
	it.each([
		["sd+http://inventory:8080/web.json", "http://inventory:8080/web.json"],
		["sd+https://inventory/a%20b/web?env=prod&x=%2F", "https://inventory/a%20b/web?env=prod&x=%2F"],
		["sd+http://[::1]:80/", "http://[::1]/"],
		["sd+https://inventory", "https://inventory/"],
		["eu://inventory/web", "https://inventory/web"],
		["eu+http://inventory/web", "http://inventory/web"],
	])("%s is the URL %s", (text, url) => {
		expect(read(text)).toMatchObject({ text, url: new URL(url) });
	});

	it.each([
		["sd+http:///web.json", "the host is missing: sd+http://HOST/PATH"],
		["sd+https://me:secret@inventory/web", "user and password do not belong in a target"],
		["sd+https://inventory:99999/web", "expected sd+https://HOST[:PORT]/PATH"],
	])("%s is refused with the reason", (text, problem) => {
		expect(read(text)).toEqual(expect.stringContaining(problem));
	});
});
