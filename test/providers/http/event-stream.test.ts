import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventStream } from "../../../src/providers/http/event-stream.js";

function read(pieces: readonly string[], maxLength = 1_000) {
	const stream = new EventStream(maxLength);
	const events = pieces.flatMap((piece) => [...stream.push(piece)]);
	return { events, retry: stream.retry };
}

const TEXT = [
	"\ufeff: a comment\n",
	"data: one\n\n",
	"id: 7\r\nevent: list\r\ndata: a\r\ndata:b\r\ndata\r\n\r\n",
	"retry: 2500\rretry: soon\r\r",
	"data\n\n",
	"id\nignored: x\ndata:  two: 2\n\n",
	"id: bad\0\ndata: three\n\n",
	"data: never ends\n",
].join("");

const EVENTS = [
	{ name: "message", data: "one", id: undefined },
	{ name: "list", data: "a\nb\n", id: "7" },
	{ name: "message", data: " two: 2", id: "" },
	{ name: "message", data: "three", id: "" },
];

describe("a stream of events", () => {
	it("is read as the HTML standard says, however it comes in pieces", () => {
		expect(read([TEXT])).toEqual({ events: EVENTS, retry: 2_500 });
		expect(read([...TEXT]).events).toEqual(EVENTS);
		fc.assert(
			fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
				const at = [0, ...cuts.toSorted((a, b) => a - b), TEXT.length];
				const pieces = at.slice(1).map((end, i) => TEXT.slice(at[i], end));
				expect(read(pieces)).toEqual({ events: EVENTS, retry: 2_500 });
			}),
		);
	});

	it("has a limit on what an event may be, in one line or in many, and none on all events", () => {
		const line = `data: ${"x".repeat(40)}\n`;
		expect(
			read(
				Array.from({ length: 100 }, () => `: comment\n${line}\n`),
				100,
			).events,
		).toHaveLength(100);
		expect(() => read([line, line, line], 100)).toThrow("an event is larger than 100 bytes");
		expect(() =>
			read(
				Array.from({ length: 101 }, () => "x"),
				100,
			),
		).toThrow("an event is larger");
	});
});
