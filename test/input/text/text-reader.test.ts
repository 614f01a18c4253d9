import { expect, it } from "vitest";
import { readText } from "../../../src/input/text/read-text.js";
import { TextReader } from "../../../src/input/text/text-reader.js";

const options = { file: "f.yaml" };
/** Everything is read by the worker. */
const always = { yamlAtOnce: 0, jsonAtOnce: 0 };

it("reads by a worker what it would read at once, and places findings", async () => {
	await using reader = new TextReader(always);
	const text = "a: &a {b: [1, 1.5, .inf, ~, true, text]}\nc: {<<: *a, d: 1}\n";
	expect(await reader.read(text, options)).toEqual(readText(text, options));
	const [problem] = await reader.place(text, [{ path: ["c", "d"], at: "value", message: "wrong" }], options);
	expect(problem).toEqual({ file: "f.yaml", line: 2, column: 16, path: "c.d", message: "wrong" });
	expect(await reader.read('{"a": 1}', options)).toEqual({ value: { a: 1 }, problems: [], broken: false });
});

it("tells the same problems by a worker", async () => {
	await using reader = new TextReader(always);
	for (const text of ["a: 1\na: 2", "a: [", "a: *b", ""]) {
		expect(await reader.read(text, options)).toEqual(readText(text, options));
	}
});

it("replaces variables there, of the environment given", async () => {
	await using reader = new TextReader(always);
	const text = "a: $" + "{PORT}\nb: 'x$" + "{NONE}'";
	const variables = { PORT: "80" };
	const read = await reader.read(text, { file: "f", variables });
	expect(read).toEqual(readText(text, { file: "f", variables }));
	expect(read.value).toMatchObject({ a: 80 });
	expect(read.problems).toHaveLength(1);
});

it("answers many at once, each with its own", async () => {
	await using reader = new TextReader(always);
	const numbers = Array.from({ length: 20 }, (_, i) => i);
	const read = await Promise.all(numbers.map((i) => reader.read(`n: ${i}`, options)));
	expect(read.map(({ value }) => value)).toEqual(numbers.map((n) => ({ n })));
});

it("ends a reading that takes too long, says so, and reads the next", async () => {
	await using reader = new TextReader({ ...always, limit: 1 });
	const long = "- a\n".repeat(1_000_000);
	expect(await reader.read(long, options)).toMatchObject({
		broken: true,
		problems: [{ file: "f.yaml", line: 0, message: "cannot be read within 0.001 s; make it smaller" }],
	});
	await using patient = new TextReader(always);
	expect((await patient.read("a: 1", options)).value).toEqual({ a: 1 });
});

it("has a large value handed over in parts, but for one with aliases, which stay one object", async () => {
	await using reader = new TextReader();
	const list = Array.from({ length: 30_000 }, (_, i) => `- {address: 10.0.0.1, port: ${i}}\n`).join("");
	expect(await reader.read(list, options)).toEqual(readText(list, options));
	const services = `services:\n${list.replaceAll(/^/gm, "  ")}other: 1\n`;
	expect(await reader.read(services, options)).toEqual(readText(services, options));
	const { value } = await reader.read(`&a ${list.replace("- {", "- &a {")}- *a\n`.slice(3), options);
	const items = value as readonly unknown[];
	expect(items.at(-1)).toBe(items[0]);
});

it("counts the items of a list that has more than are wanted", async () => {
	for (const reading of [always, {}]) {
		await using reader = new TextReader(reading);
		const read = await reader.read("[1, 2, 3]", { ...options, maxItems: 2 });
		expect(read).toEqual({ value: undefined, problems: [], broken: true, tooMany: 3 });
		expect((await reader.read("[1, 2, 3]", { ...options, maxItems: 3 })).value).toEqual([1, 2, 3]);
	}
});
