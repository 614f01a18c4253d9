import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ListScanner, LONGEST_ITEM, nestsDeep } from "../../../../src/providers/kubernetes/api/list-scanner.js";

function scan(...pieces: readonly string[]) {
	const scanner = new ListScanner();
	const items = pieces.flatMap((piece) => scanner.push(piece));
	return { items: items.map((item): unknown => JSON.parse(item)), envelope: scanner.envelope };
}

describe("a list that comes in pieces", () => {
	it("is cut into what its items are, wherever the pieces are cut", () => {
		// No escapes in keys: V8's JSON.parse (Node 24) takes one escaped key for another after a similar object.
		const key = fc.constantFrom("items", "a", "{", "]");
		const text = fc.constantFrom('"', "\\", '\\"', "[{", "}],", "é");
		const { value } = fc.letrec((tie) => ({
			value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.constant(null), fc.array(tie("value")), tie("object")),
			object: fc.dictionary(key, tie("value"), { maxKeys: 3 }),
		}));
		const object = fc.dictionary(key, value, { maxKeys: 3 });
		const list = fc.record({ kind: fc.string(), metadata: object, items: fc.array(object), more: value });
		const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
		fc.assert(
			fc.property(list, cuts, fc.constantFrom(undefined, 1), (made, lengths, indent) => {
				let rest = JSON.stringify(made, undefined, indent);
				const pieces = lengths.map((length) => {
					const piece = rest.slice(0, length);
					rest = rest.slice(length);
					return piece;
				});
				const { items, envelope } = scan(...pieces, rest);
				const plain: unknown = JSON.parse(JSON.stringify(made));
				expect({ ...JSON.parse(envelope), items }).toEqual(plain);
				expect(JSON.parse(envelope).items).toEqual([]);
			}),
		);
	});

	it.each(['{"items":null}', '{"items":[1]}', '{"items":["a"]}', '{"items":[null]}', '{"a":{"items":[{}]}}'])(
		"has no items that are objects in %s",
		(text) => {
			expect(scan(text)).toEqual({ items: [], envelope: text });
		},
	);

	it("is refused where an item is too long, or too much stands beside the items", () => {
		const long = "x".repeat(LONGEST_ITEM);
		expect(() => scan(`{"items":[{"a":"`, long, '"}]}')).toThrow("an item is longer than");
		expect(() => scan(`{"a":"`, long)).toThrow("too much beside the items");
	});

	it("is refused where it nests deep, before anything parses it", () => {
		const deep = (count: number) => `{"items":[${'{"a":'.repeat(count)}1${"}".repeat(count)}]}`;
		expect(scan(deep(60)).items).toHaveLength(1);
		expect(() => scan(deep(70))).toThrow("it nests deeper than 64");
		expect(() => scan(`${"[".repeat(70)}`)).toThrow("it nests deeper than 64");
	});
});

it("what nests deep is told from what only holds brackets", () => {
	expect(nestsDeep("[".repeat(65))).toBe(true);
	expect(nestsDeep(`${"[".repeat(64)}${"]".repeat(64)}`)).toBe(false);
	expect(nestsDeep(JSON.stringify("[".repeat(99)))).toBe(false);
	expect(nestsDeep(JSON.stringify({ a: '"\\'.repeat(99), b: "{".repeat(99) }))).toBe(false);
	expect(nestsDeep("[],".repeat(99))).toBe(false);
});
