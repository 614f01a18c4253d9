import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { BackwardWriter } from "../../../../src/resources/assignment/encode/backward-writer.js";

/** Where a varint becomes a byte longer, and its neighbours. */
const EDGES = [7, 14, 21, 28].flatMap((bits) => [-1, 0, 1].map((by) => 2 ** bits + by));
const TEXTS = ["a", "a".repeat(64), "a".repeat(65), "\u007f", "\u0080", "aé", "é".repeat(40), "a".repeat(300)];

describe("a message that is written from its end", () => {
	it.each([0, 1, ...EDGES, 2 ** 32 - 1])("has the number %i as other codecs write it", (value) => {
		const to = new BackwardWriter(0);
		to.number(3, value);
		const expected = new BinaryWriter().tag(3, WireType.Varint).uint32(value).finish();
		expect(Buffer.from(to.finish())).toEqual(Buffer.from(expected));
		expect(to.length).toBe(to.finish().length);
	});

	it.each(TEXTS)("has the text %j as other codecs write it, whatever room there was", (text) => {
		const expected = Buffer.from(new BinaryWriter().tag(1, WireType.LengthDelimited).string(text).finish());
		for (const room of [0, 1, text.length, text.length + 1, 1_024]) {
			const to = new BackwardWriter(room);
			to.text(1, text);
			expect(Buffer.from(to.finish())).toEqual(expected);
		}
	});

	it("has nothing of an empty text, and a key and length of empty bytes", () => {
		const to = new BackwardWriter(64);
		to.text(1, "");
		expect(to.length).toBe(0);
		to.bytes(1, new Uint8Array());
		expect([...to.finish()]).toEqual([10, 0]);
	});

	it("keeps what stands in it as it grows", () => {
		const to = new BackwardWriter(1);
		const parts: number[] = [];
		for (let i = 0; i < 300; i++) {
			to.number(1, i & 127);
			to.fields(Uint8Array.of(1, 2, 3));
			parts.unshift(1, 2, 3, 8, i & 127);
		}
		expect([...to.finish()]).toEqual(parts);
	});

	it.each([
		[70_001, 80_000],
		[69_999, 69_999],
	])("of %i bytes where there was room for 80,000 holds %i", (count, held) => {
		const to = new BackwardWriter(80_000);
		to.fields(new Uint8Array(count));
		expect(to.finish().buffer.byteLength).toBe(held);
	});

	it("is in a buffer of its own that is not much larger", () => {
		for (const count of [2, 10, 1_000, 100_000]) {
			const to = new BackwardWriter(64);
			for (let i = 0; i < count / 2; i++) to.number(1, 1);
			const message = to.finish();
			expect(message.length).toBe(count);
			expect(message.buffer.byteLength).toBeLessThan(count * 1.2 + 1);
		}
	});
});
