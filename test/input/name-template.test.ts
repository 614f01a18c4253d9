import { describe, expect, it } from "vitest";
import { nameBy, templateProblem } from "../../src/input/name-template.js";

describe("a template of names", () => {
	it.each(["{service}", "{service}.{namespace}", "{service}-{port}.{datacenter}", "prod/{service}", "web"])(
		"may be %s",
		(template) => expect(templateProblem(template)).toBeUndefined(),
	);

	it.each([
		["{servce}", '{servce} is not a word of a name; did you mean "service"?'],
		["{x}", "{x} is not a word of a name; there are {service}, {namespace}, {port}, {datacenter}"],
		["{service} x", "a service name has only letters, digits and . _ - : /"],
		["{service", "a service name has only letters, digits and . _ - : /"],
		["", "a service name has 1 to 253 characters"],
	])("may not be %j", (template, problem) => expect(templateProblem(template)).toBe(problem));
});

describe("a name by a template", () => {
	it("has what is known in place of the words", () => {
		const words = { service: "web", namespace: "shop", port: "http", datacenter: "dc1" };
		expect(nameBy("{service}.{namespace}:{port}/{datacenter}", words)).toEqual({ name: "web.shop:http/dc1" });
	});

	it("is none without a word that it has", () => {
		expect(nameBy("{service}.{datacenter}", { service: "web", datacenter: "" })).toEqual({
			problem: "nothing is known of its {datacenter}",
		});
	});

	it("is none where it cannot be a service's", () => {
		expect(nameBy("{service}", { service: "my web" })).toEqual({
			problem: 'it would be called "my web": a service name has only letters, digits and . _ - : /',
		});
		expect(nameBy("{service}.x", { service: "w".repeat(252) })).toMatchObject({
			problem: expect.stringContaining("1 to 253 characters"),
		});
	});
});
