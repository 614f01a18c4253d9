import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frame, RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { ADS, HostileLab } from "./hostile-lab.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const many = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Each wave asks for 20,000 names: of a single one that stayed more would be left. */
const SLACK = 1024 * 1024;

/** Bytes on the heap and outside of it, once what is not needed is gone. */
async function memory(): Promise<number> {
	for (let i = 0; i < 5; i++) {
		collect();
		await turn();
	}
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** Timers that keep the process, or could. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

describe.each(["sotw", "delta"] as const)("after hostile clients, %s,", (mode) => {
	let lab: HostileLab;
	beforeEach(async () => {
		lab = await HostileLab.start(mode);
	});
	afterEach(() => lab?.[Symbol.asyncDispose]());

	/** One of each kind, that all go away. */
	async function wave(round: number): Promise<void> {
		using connection = new RawConnection(lab.port);
		const open = (id: string) =>
			connection.open(ADS[mode]).send(lab.request("cds", [], { node: { id, cluster: "x".repeat(100_000) } }));
		const names = many(5_000, `nobody-${round}-`);
		const versions = Object.fromEntries(many(5_000, `gone-${round}-`).map((name) => [name, "v"]));
		const subscriber = open("subscriber").read();
		for (const type of ["eds", "lds", "rds"] as const)
			subscriber.send(lab.request(type, names, mode === "delta" ? { initialResourceVersions: versions } : {}));
		// Reads nothing, answers nothing.
		open("mute").send(lab.request("eds", names));
		const flood = open("flood").read();
		flood.sendBytes(Buffer.concat(Array.from({ length: 2_000 }, () => frame(lab.request("eds", ["a"])))));
		open("rude")
			.read()
			.send(Buffer.from([0xff]));
		open("half")
			.read()
			.sendBytes(frame(lab.request("eds", names), 0, 1_000_000));
		for (let i = 0; i < 100; i++)
			connection
				.open(ADS[mode])
				.send(lab.request("eds", [`reset-${round}-${i}`]))
				.cancel();
		await waitUntil("the subscriber has all", () => subscriber.received > 3 * 5_000);
		for (let i = 0; i < 20; i++) {
			lab.change("a", [], { connectTimeout: 1_000 * round + i + 1 });
			await turn();
		}
	}

	it("memory, subscriptions and timers are what they were", async () => {
		for (let round = 1; round <= 2; round++) await wave(round);
		await lab.onlyGoodIsLeft();
		// Responses are kept for a second.
		let before = Number.POSITIVE_INFINITY;
		await waitUntil(
			"the memory is settled",
			async () => {
				const last = before;
				before = await memory();
				return Math.abs(before - last) < SLACK / 4;
			},
			{ interval: 500 },
		);
		const timersBefore = timers();
		for (let round = 3; round <= 6; round++) await wave(round);
		await lab.onlyGoodIsLeft();
		await waitUntil("nothing is left", async () => (await memory()) - before < SLACK, { interval: 100 });
		expect(timers()).toBeLessThanOrEqual(timersBefore);
	});
});
