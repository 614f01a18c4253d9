import { type Answer, encode } from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { record, soaRecord } from "../../../../lab/fake-dns.js";
import { hasMoreLabels } from "../../../../src/providers/dns/client/decoding-cost.js";
import { readReply } from "../../../../src/providers/dns/client/message.js";

function message(name: string, answers: readonly Answer[]): Buffer {
	return encode({
		type: "response",
		id: 7,
		flags: 1 << 10,
		questions: [{ name, type: "A", class: "IN" }],
		answers: [...answers],
	});
}

/** The question's name, and as many addresses as 64 KiB hold whose owner is a pointer to it. */
function pointing(labels: number): { readonly name: string; readonly bytes: Buffer } {
	const name = Array.from({ length: labels }, () => "a").join(".");
	const head = message(name, []);
	const one = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1]);
	const count = Math.floor((65_535 - head.length) / one.length);
	const bytes = Buffer.concat([head, ...Array.from({ length: count }, () => one)]);
	bytes.writeUInt16BE(count, 6);
	return { name, bytes };
}

/** With a record of a type that nobody reads, in whose data each pointer leads to the one before. */
function chained(): Buffer {
	const head = message("web.test", []);
	const begin = head.length + 12;
	const pointers = Buffer.alloc(15_000);
	for (let at = 0; at < pointers.length; at += 2) {
		pointers.writeUInt16BE(0xc000 | (at === 0 ? 12 : begin + at - 2), at);
	}
	const first = Buffer.from([0xc0, 12, 0, 10, 0, 1, 0, 0, 0, 9, 0, 0]);
	first.writeUInt16BE(pointers.length, 10);
	const one = Buffer.from([0, 0, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1]);
	one.writeUInt16BE(0xc000 | (begin + pointers.length - 2), 0);
	const bytes = Buffer.concat([head, first, pointers, ...Array.from({ length: 3_000 }, () => one)]);
	bytes.writeUInt16BE(3_001, 6);
	return bytes;
}

describe("the labels of a message", () => {
	it("are counted in the question, in owners and in the data of the records that hold names", () => {
		const answers = [
			record("web.test", "CNAME", 9, "a.b.test"),
			record("a.b.test", "A", 9, "10.0.0.1"),
			record("_x.web.test", "SRV", 9, "1 1 80 h.test"),
			{ name: "web.test", type: "TXT", ttl: 9, class: "IN", data: "..." },
		] as const;
		// 2 + (2 + 3) + 3 + (3 + 2) + 2, and one end for each of seven names.
		const bytes = message("web.test", answers);
		expect([hasMoreLabels(bytes, 24), hasMoreLabels(bytes, 23)]).toEqual([false, true]);
	});

	it("count for as much as there can be where a record's data is not known", () => {
		const bytes = message("web.test", [soaRecord("test", 9)]);
		expect([hasMoreLabels(bytes, 300), hasMoreLabels(bytes, 250)]).toEqual([false, true]);
	});

	it("are never too many in what servers say, and any bytes are judged", () => {
		const { name, bytes } = pointing(8);
		expect(readReply(bytes, 7, { name, type: "A" })?.answers.length).toBeGreaterThan(4_000);
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 0, max: 100 }), (garbage, most) => {
				hasMoreLabels(Buffer.from(garbage), most);
			}),
		);
	});

	it("are too many where thousands of owners lead to a long name, or through a long way of pointers", () => {
		const { name, bytes } = pointing(120);
		expect(readReply(bytes, 7, { name, type: "A" })).toBeUndefined();
		expect(hasMoreLabels(bytes, 400_000)).toBe(true);
		expect(hasMoreLabels(chained(), 10_000_000)).toBe(true);
		expect(readReply(chained(), 7, { name: "web.test", type: "A" })).toBeUndefined();
	});
});
