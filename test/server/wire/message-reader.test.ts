import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameOf } from "../../../src/server/wire/message-frame.js";
import { MessageReader } from "../../../src/server/wire/message-reader.js";
import { randomRuns } from "../../random-runs.js";

const message = fc.oneof(
	fc.uint8Array({ maxLength: 20 }),
	fc.integer({ min: 0, max: 3_000 }).map((length) => new Uint8Array(length).fill(length)),
);

/** Takes what there is, as copies: a message need not be there after the next piece. */
function taken(reader: MessageReader): Buffer[] {
	const messages: Buffer[] = [];
	for (let next = reader.take(); next; next = reader.take()) messages.push(Buffer.from(next.bytes));
	reader.hold();
	reader.release();
	return messages;
}

describe("the reader of a stream's messages", () => {
	it("finds them however they are cut into pieces", () => {
		fc.assert(
			fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(4_000)), (messages, cuts) => {
				const bytes = Buffer.concat(messages.map((each) => frameOf([each])));
				const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
				const reader = new MessageReader(() => 3_000);
				const found = places.slice(1).flatMap((end, i) => {
					const piece = Buffer.from(bytes.subarray(places[i], end));
					reader.add(piece);
					const messages = taken(reader);
					// The piece is the connection's own.
					piece.fill(0xff);
					return messages;
				});
				expect(found).toEqual(messages.map((each) => Buffer.from(each)));
			}),
			randomRuns(1_000),
		);
	});

	it("holds those that are not asked for yet", () => {
		const reader = new MessageReader(() => 100);
		reader.add(Buffer.concat([frameOf([Buffer.from("one")]), frameOf([Buffer.from("two")])]));
		expect(String(reader.take()?.bytes)).toBe("one");
		reader.hold();
		reader.add(frameOf([Buffer.from("three")]));
		expect(taken(reader).map(String)).toEqual(["two", "three"]);
	});

	it("refuses what is too large or compressed, before it is there", () => {
		const reader = new MessageReader(() => 100);
		reader.add(Buffer.from([0, 0, 0, 0, 101]));
		expect(() => reader.take()).toThrow("a message of 101 bytes; xds.limits.messageBytes allows 100");
		const other = new MessageReader(() => 100);
		other.add(Buffer.from([1, 0, 0, 0, 1]));
		expect(() => other.take()).toThrow("a request is compressed, and the call does not say how");
	});
});
