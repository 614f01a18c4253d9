import { hostname } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keptServices } from "../../lab/kept-services.js";
import { waitUntil } from "../../lab/wait-until.js";
import type { SavedService } from "../../src/catalog/keep/saved.js";
import type { JournalSizes } from "../../src/state/journal.js";
import { StateKeeper } from "../../src/state/state-keeper.js";
import { at, service } from "../catalog/fake-provider.js";
import { randomRuns } from "../random-runs.js";
import { firstFile } from "./first-file.js";
import { type Choose, ForgetfulDisk } from "./forgetful-disk.js";

const FOLDER = "/var/lib/fingerpost";
const NAMES = ["web", "api", "db"];
/** A file has one record or two, and what is out of date goes soon. */
const SMALL: JournalSizes = { file: 800, least: 300, spare: 900 };

/** What is known of a service in its generation; nothing in every fourth. */
function saved(name: string, generation: number): SavedService | undefined {
	if (generation % 4 === 0) return undefined;
	const target = { target: `fake:///${name}`, whole: true, lastSuccess: new Date(generation) };
	const endpoints = [at(1, { port: generation }), at(2, { port: generation })];
	return {
		...{ name, definition: service(name, [target.target]) },
		targets: [{ ...target, endpoints, staleSince: new Date(generation) }],
	};
}

/** The generation of what is known of it, 0 of nothing. @throws Error if it never was so. */
function generationOf(found: SavedService | undefined): number {
	if (!found) return 0;
	const generation = found.targets[0]?.endpoints[0]?.port ?? 0;
	expect(found).toEqual(saved(found.name, generation));
	return generation;
}

/** A process that keeps its state: what it was told changed, and what is certainly on disk. */
class Process {
	readonly known = new Map<string, number>();
	/** The generation of each service that is certainly on disk, and those that may be. */
	readonly possible = new Map<string, number[]>(NAMES.map((name) => [name, [0]]));
	readonly failures: string[] = [];
	readonly keeper: StateKeeper;
	recovered = 0;

	constructor(disk: ForgetfulDisk, retry = 30_000, sizes: Partial<JournalSizes> = {}) {
		const events = {
			setAside: () => {},
			failed: ({ message }: Error) => this.failures.push(message),
			recovered: () => this.recovered++,
		};
		const get = (name: string) => saved(name, this.known.get(name) ?? 0);
		this.keeper = new StateKeeper(FOLDER, get, events, { quiet: 0, retry, ...sizes }, disk);
	}

	change(name: string, generation: number): void {
		this.known.set(name, generation);
		this.possible.get(name)?.push(generation % 4 === 0 ? 0 : generation);
		this.keeper.changed([name]);
	}

	/** All that was told is on disk now. */
	settled(): void {
		for (const generations of this.possible.values()) generations.splice(0, generations.length - 1);
	}
}

/** Reads what a power cut has left, as a process does that starts. @returns the generation of each service. */
async function startAgain(disk: ForgetfulDisk): Promise<ReadonlyMap<string, number>> {
	disk.mkdirSync(FOLDER);
	// The holder's number is this process's own here, but the machine has started anew.
	const lock = `${FOLDER}/lock`;
	const text = disk.statSync(lock) ? disk.readFileSync(lock, "utf8") : "";
	if (text.startsWith("{")) {
		disk.writeFileSync(lock, JSON.stringify({ pid: process.pid, began: "before", host: hostname() }));
	}
	const troubles: string[] = [];
	const events = {
		setAside: ({ reason }: { reason: string }) => troubles.push(reason),
		failed: ({ message }: Error) => troubles.push(message),
		recovered: () => {},
	};
	const keeper = new StateKeeper(FOLDER, () => undefined, events, {}, disk);
	const services = await keeper.open();
	await keeper.stop();
	expect(troubles).toEqual([]);
	return new Map(services.map((each) => [each.name, generationOf(each)]));
}

interface Step {
	readonly name: string;
	/** Turns of the event loop until the next step. */
	readonly turns: number;
	/** The process ends in order, and another one begins. */
	readonly ends: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
	name: fc.constantFrom(...NAMES),
	turns: fc.nat(4),
	ends: fc.nat(5).map((n) => n === 0),
});

/** A disk with a file of a former version for each of these services, in their first generation. */
function diskWith(names: readonly string[]): ForgetfulDisk {
	const disk = new ForgetfulDisk();
	disk.mkdirSync(FOLDER);
	for (const each of names) {
		const { name, text } = firstFile(saved(each, 1) as SavedService);
		disk.writeFileSync(`${FOLDER}/${name}`, text);
	}
	disk.settle();
	return disk;
}

/** Does the steps until the power is gone. @returns what may be on disk of each service. */
async function runUntilCut(
	disk: ForgetfulDisk,
	steps: readonly Step[],
	before: readonly string[],
): Promise<Process["possible"]> {
	let running = new Process(disk, undefined, SMALL);
	for (const name of before) running.possible.set(name, [1]);
	await running.keeper.open();
	let generation = 1;
	for (const { name, turns, ends } of steps) {
		if (disk.isCut) break;
		running.change(name, ++generation);
		// A timer and what follows from it.
		if (turns > 0) await new Promise((resolve) => setTimeout(resolve, 1));
		for (let i = 0; i < turns; i++) await turn();
		if (!ends) continue;
		await running.keeper.stop();
		if (disk.isCut) return running.possible;
		running.settled();
		const next = new Process(disk, undefined, SMALL);
		for (const [each, generations] of running.possible) next.possible.set(each, generations);
		running = next;
		await running.keeper.open();
	}
	await running.keeper.stop();
	if (!disk.isCut) running.settled();
	return running.possible;
}

describe("a power cut", () => {
	it("leaves of each service what was known of it once, and nothing older than what was synced", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 1, maxLength: 20 }),
				fc.subarray(NAMES),
				fc.nat(150),
				fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
				async (steps, before, cutAfter, choices) => {
					const disk = diskWith(before);
					disk.cutAfter = cutAfter;
					const possible = await runUntilCut(disk, steps, before);
					let turnOf = 0;
					const choose: Choose = (below) => (choices[turnOf++ % choices.length] as number) % below;
					const found = await startAgain(disk.afterPowerCut(choose));
					for (const name of NAMES) expect(possible.get(name)).toContain(found.get(name) ?? 0);
				},
			),
			randomRuns(400),
		);
	});

	it("takes nothing of what a process wrote a moment ago, though it never ends", async () => {
		const disk = new ForgetfulDisk();
		const running = new Process(disk);
		await running.keeper.open();
		for (const name of NAMES) running.change(name, 1);
		await waitUntil("it is on disk", () => keptServices(FOLDER, disk).length === NAMES.length);
		// Nothing of what is not synced is left.
		expect(await startAgain(disk.afterPowerCut(() => 0))).toEqual(new Map(NAMES.map((name) => [name, 1])));
		await running.keeper.stop();
	});

	it("takes nothing of what was written again after a sync that failed", async () => {
		const disk = new ForgetfulDisk();
		const running = new Process(disk, 5);
		await running.keeper.open();
		disk.failing.push("sync of a directory");
		running.change("web", 1);
		await waitUntil("it was tried again", () => running.recovered === 1);
		expect(running.failures).toEqual(["EIO: sync of a directory"]);
		expect(await startAgain(disk.afterPowerCut(() => 0))).toEqual(new Map([["web", 1]]));
		await running.keeper.stop();
	});

	it("keeps the others although one service cannot be kept", async () => {
		const disk = new ForgetfulDisk();
		const running = new Process(disk, 3_600_000);
		await running.keeper.open();
		running.change("web", 1);
		running.change("api", Number.NaN);
		await waitUntil("it is told", () => running.failures.length === 1);
		expect(await startAgain(disk.afterPowerCut(() => 0))).toEqual(new Map([["web", 1]]));
		await running.keeper.stop();
	});

	it("takes nothing of what was written again after a write that failed", async () => {
		const disk = new ForgetfulDisk();
		const running = new Process(disk, 100);
		await running.keeper.open();
		running.change("web", 1);
		await waitUntil("it is on disk", () => keptServices(FOLDER, disk).length === 1);
		disk.failing.push("write");
		running.change("web", 2);
		await waitUntil("it is told", () => running.failures.length === 1);
		// It is what was written before, but nobody knows of which the disk has more.
		running.change("web", 1);
		running.change("api", 2);
		await waitUntil("it was tried again", () => running.recovered === 1);
		const [file] = disk.readdirSync(FOLDER).filter((each) => each.endsWith(".journal"));
		expect(disk.readFileSync(`${FOLDER}/${file}`, "utf8").match(/"fingerpost"/g)).toHaveLength(3);
		expect(await startAgain(disk.afterPowerCut(() => 0))).toEqual(new Map(Object.entries({ web: 1, api: 2 })));
		await running.keeper.stop();
	});

	it("leaves for certain until when the process lived", async () => {
		const disk = new ForgetfulDisk();
		const running = new Process(disk);
		await running.keeper.open();
		running.change("web", 1);
		await waitUntil("it is on disk", () => !disk.isUnsynced);
		const left = disk.afterPowerCut(() => 0);
		expect(Date.now() - (left.statSync(`${FOLDER}/alive`)?.mtimeMs ?? 0)).toBeLessThan(60_000);
		await running.keeper.stop();
	});
});
