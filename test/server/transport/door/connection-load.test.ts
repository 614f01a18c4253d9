import { describe, expect, it } from "vitest";
import { ConnectionLoad } from "../../../../src/server/transport/door/connection-load.js";

const KIB = 1024;

/** A connection, on which so many bytes come each quarter of a second. */
function connection() {
	const socket = { bytesRead: 0 };
	const load = new ConnectionLoad(socket, 0);
	let now = 0;
	const quarter = (bytes: number) => {
		socket.bytesRead += bytes;
		now += 250;
		return load.isTooMuch(now);
	};
	return { load, quarter };
}

describe("what a connection costs", () => {
	it("is not too much where its bytes are messages and streams", () => {
		const { load, quarter } = connection();
		for (let i = 0; i < 100; i++) {
			load.message(20_000 * KIB);
			for (let each = 0; each < 100; each++) load.stream(200);
			expect(quarter(20_000 * KIB + 100 * 1_500)).toBe(false);
		}
	});

	it("is too much where they are frames that nobody needs, at once or for long", () => {
		expect(connection().quarter(600 * KIB)).toBe(true);
		const { quarter } = connection();
		const rounds = Array.from({ length: 10 }, () => quarter(200 * KIB));
		expect(rounds[0]).toBe(false);
		expect(rounds.at(-1)).toBe(true);
	});

	it("is not too much of a little for ever", () => {
		const { quarter } = connection();
		for (let i = 0; i < 100; i++) expect(quarter(100 * KIB)).toBe(false);
	});

	it("is too much with many SETTINGS", () => {
		const { load, quarter } = connection();
		for (let i = 0; i < 50; i++) load.settings();
		expect(quarter(0)).toBe(false);
		for (let i = 0; i < 2; i++) load.settings();
		expect(quarter(0)).toBe(true);
	});

	it("counts headers as they are unpacked, be they a byte each on the wire", () => {
		const { load, quarter } = connection();
		for (let i = 0; i < 40; i++) load.stream(12 * KIB);
		expect(quarter(40 * 60)).toBe(false);
		for (let i = 0; i < 40; i++) load.stream(12 * KIB);
		expect(quarter(40 * 60)).toBe(true);
	});

	it("is too much with calls without end, and not with a few for ever", () => {
		const { load, quarter } = connection();
		for (let i = 0; i < 100; i++) {
			for (let each = 0; each < 50; each++) expect(load.call()).toBe(false);
			expect(quarter(0)).toBe(false);
		}
		const calls = Array.from({ length: 1_200 }, () => load.call());
		expect(calls.indexOf(true)).toBe(1_000);
		expect(quarter(0)).toBe(true);
	});
});
