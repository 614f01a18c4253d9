import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
	contentStart,
	fieldEnd,
	lengthKey,
	MAX_VARINT,
	numberKey,
	varintAt,
	varintEnd,
	varintSize,
	writeVarint,
} from "../../src/resources/wire-format.js";

const numbers = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 }));

it("writes and reads numbers as a codec does", () => {
	fc.assert(
		fc.property(numbers, (value) => {
			const expected = new BinaryWriter().uint32(value).finish();
			const written = new Uint8Array(expected.length);
			expect(writeVarint(written, 0, value)).toBe(expected.length);
			expect(written).toEqual(expected);
			expect(varintSize(value)).toBe(expected.length);
			expect(varintAt(expected, 0)).toBe(value);
			expect(varintEnd(expected, 0)).toBe(expected.length);
		}),
	);
});

it.each([7, 14, 21, 28])("takes a byte more for a number of more than %d bits", (bits) => {
	for (const value of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1, 2 ** (bits + 1) - 1]) {
		const { length } = new BinaryWriter().uint32(value).finish();
		expect(length).toBe(value < 2 ** bits ? bits / 7 : bits / 7 + 1);
		expect([varintSize(value), writeVarint(new Uint8Array(8), 1, value)]).toEqual([length, length + 1]);
	}
});

it("reads bytes beyond the end as 0", () => {
	expect([varintAt(new Uint8Array(), 0), varintAt(Uint8Array.of(0x85), 0), varintAt(Uint8Array.of(1), 1)]).toEqual([
		...[0, 5, 0],
	]);
});

it("makes the keys that a codec reads", () => {
	for (let field = 1; field <= 15; field++) {
		const keys = Uint8Array.of(numberKey(field), lengthKey(field));
		const reader = new BinaryReader(keys);
		expect([reader.tag(), reader.tag()]).toEqual([
			[field, WireType.Varint],
			[field, WireType.LengthDelimited],
		]);
	}
});

it("finds the content and the end of a field, however long it is", () => {
	for (const length of [0, 1, 127, 128, 16_383, 16_384, 70_000]) {
		const bytes = new BinaryWriter().tag(3, WireType.LengthDelimited).bytes(new Uint8Array(length)).finish();
		expect([contentStart(bytes, 0), fieldEnd(bytes, 0)]).toEqual([bytes.length - length, bytes.length]);
	}
});

it("ends beyond bytes that break off, and always further on", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(12), (bytes, at) => {
			expect(fieldEnd(bytes, at)).toBeGreaterThan(at + 1);
			expect(varintEnd(bytes, at)).toBeLessThanOrEqual(at + MAX_VARINT + 1);
		}),
	);
	expect(fieldEnd(Uint8Array.of(lengthKey(1), 5, 0), 0)).toBe(7);
	expect(varintEnd(new Uint8Array(12).fill(255), 1)).toBe(1 + 5 + 1);
});
