import { openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { descriptorOutput, LineSink, type Output } from "../../../src/util/lines/line-sink.js";
import { tempFolder } from "../temp-folder.js";

/** An output that can be full or broken, and what it has taken. */
class FakeOutput {
	text = "";
	/** Bytes that it takes yet. */
	room = Number.POSITIVE_INFINITY;
	broken: Error | undefined;
	attempts = 0;

	readonly write: Output = async (bytes) => {
		this.attempts++;
		if (this.broken) throw this.broken;
		const taken = bytes.subarray(0, Math.min(bytes.length, this.room));
		this.room -= taken.length;
		this.text += taken.toString();
		return taken.length;
	};
}

it("all lines are written, in order, and its end waits for them", async () => {
	const output = new FakeOutput();
	const sink = new LineSink(output.write);
	for (let i = 0; i < 5; i++) sink.write(`${i}\n`);
	expect(await sink.end(10_000)).toBe(true);
	expect(output.text).toBe("0\n1\n2\n3\n4\n");
	// What came in one turn goes out at once.
	expect(output.attempts).toBe(1);
});

it("an output that takes a part gets the rest of the line when it has room again", async () => {
	const output = new FakeOutput();
	const sink = new LineSink(output.write);
	output.room = 3;
	sink.write("abc\ndef\n");
	await expect.poll(() => output.attempts).toBeGreaterThan(2);
	expect(output.text).toBe("abc");
	output.room = 100;
	await sink.end(10_000);
	expect(output.text).toBe("abc\ndef\n");
});

it.each([
	["full", "it was not read"],
	["broken", "no space left on device"],
] as const)("what is too much for a %s output is dropped, counted and told at the gap", async (kind, reason) => {
	const output = new FakeOutput();
	const told: string[] = [];
	const sink: LineSink = new LineSink(output.write, {
		maxBytes: 12,
		onRecovered: (dropped, why) => {
			told.push(why);
			sink.write(`${dropped} dropped\n`);
		},
	});
	if (kind === "full") output.room = 0;
	else output.broken = new Error("no space left on device");
	for (let i = 0; i < 100; i++) sink.write(`${i % 10}234\n`);
	await expect.poll(() => output.attempts).toBeGreaterThan(1);
	expect(sink.dropped).toBe(98);
	// A short one would find room, but stands behind the gap.
	sink.write("\n");
	output.room = 1_000;
	output.broken = undefined;
	await expect.poll(() => output.text).toContain("dropped\n");
	sink.write("later\n");
	await sink.end(10_000);
	expect(output.text).toBe("0234\n1234\n99 dropped\nlater\n");
	expect(told).toEqual([reason]);
	expect(sink.dropped).toBe(99);
});

it("its end waits for a limited time only, and tells of a write that hangs", async () => {
	const hanging = new LineSink(() => new Promise(() => {}));
	hanging.write("a\n");
	expect(await hanging.end(1)).toBe(false);

	const output = new FakeOutput();
	output.room = 0;
	const full = new LineSink(output.write);
	full.write("a\n");
	await expect.poll(() => output.attempts).toBeGreaterThan(0);
	expect(await full.end(1)).toBe(true);
	output.room = 100;
	const { attempts } = output;
	full.write("b\n");
	expect(await full.end(1)).toBe(true);
	expect(output.attempts).toBe(attempts);
});

it("a file is written at the place that it is open at", async () => {
	await using folder = await tempFolder();
	const path = folder.file("log");
	const fd = openSync(path, "w");
	const sink = new LineSink(descriptorOutput(fd));
	sink.write("a\n");
	await sink.end(10_000);
	const other = new LineSink(descriptorOutput(fd));
	other.write("b\n");
	await other.end(10_000);
	expect(await readFile(path, "utf8")).toBe("a\nb\n");
});
