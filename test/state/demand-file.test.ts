import { hash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../lab/wait-until.js";
import type { ZoneDemand } from "../../src/model/zones/zone-balance.js";
import { DemandFile } from "../../src/state/demand-file.js";
import { type Disk, MACHINE } from "../../src/state/disk.js";

const A: ZoneDemand = { region: "eu", zone: "a", clients: 3 };
const B: ZoneDemand = { region: "", zone: "b", clients: 1 };

let folder: string;
let told: string[];
let demand: Map<string, readonly ZoneDemand[]>;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "fingerpost-demand-"));
	told = [];
	demand = new Map([
		["web", [A, B]],
		["api", [B]],
	]);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function fileOn(disk: Disk = MACHINE, directory = folder): DemandFile {
	const events = {
		setAside: ({ file, reason }: { file: string; reason: string }) => told.push(`${file}: ${reason}`),
		failed: ({ message }: Error) => told.push(message),
		recovered: () => told.push("recovered"),
	};
	return new DemandFile(directory, () => demand, events, { quiet: 1, retry: 5 }, disk);
}

/** The first line of a file with that rest. */
function head(rest: string): string {
	return `${JSON.stringify({ format: 1, sha256: hash("sha256", rest, "hex") })}\n`;
}

async function saved(): Promise<string> {
	const file = fileOn();
	file.changed();
	await file.stop();
	return readFile(join(folder, "zones.demand"), "utf8");
}

describe("the demand on disk", () => {
	it("is what was kept, in one file that is replaced as a whole", async () => {
		const text = await saved();
		expect(text.split("\n").slice(1)).toEqual(['["api",["","b",1]]', '["web",["eu","a",3],["","b",1]]', ""]);
		expect(await readdir(folder)).toEqual(["zones.demand"]);
		expect(fileOn().load()).toEqual(demand);
	});

	it("is none where there is no file, and none is written where nothing has changed", async () => {
		const file = fileOn();
		expect(file.load()).toEqual(new Map());
		await file.stop();
		expect([await readdir(folder), told]).toEqual([[], []]);
	});

	it("is written a moment after a change, and once for several", async () => {
		let renames = 0;
		const rename: Disk["promises"]["rename"] = (from, to) => {
			renames++;
			return MACHINE.promises.rename(from, to);
		};
		const file = fileOn({ ...MACHINE, promises: { ...MACHINE.promises, rename } });
		for (let i = 0; i < 5; i++) file.changed();
		await waitUntil("it is there", async () => (await readdir(folder)).includes("zones.demand"));
		file.changed();
		await file.stop();
		expect(renames).toBe(1);
	});

	it.each([
		["cut off", (text: string) => text.slice(0, -5), "its content is not what was written"],
		["changed", (text: string) => text.replace("3", "4"), "its content is not what was written"],
		["empty", () => "", "JSON"],
		["null", () => "null\n", "it does not begin as such a file does"],
		["of another format", (text: string) => text.replace('"format":1', '"format":9'), "its format is 9, and 1 is read"],
		["no list", () => `${head("{}\n")}{}\n`, "iterable"],
	])("is set aside where it is %s, and another takes its place", async (_, damage, reason) => {
		await writeFile(join(folder, "zones.demand"), damage(await saved()));
		const file = fileOn();
		expect(file.load()).toEqual(new Map());
		expect(told).toEqual([expect.stringContaining(reason)]);
		expect(await readdir(folder)).toEqual(["zones.demand.damaged"]);
		file.changed();
		await file.stop();
		expect(fileOn().load()).toEqual(demand);
	});

	it("leaves out what nobody can have written", async () => {
		const rest = '["web",["","",3],["","b",-1],["","c",1.5],["eu","a",3]]\n';
		await writeFile(join(folder, "zones.demand"), head(rest) + rest);
		expect(fileOn().load()).toEqual(new Map([["web", [A]]]));
	});

	it("is tried again where it cannot be written, and told once", async () => {
		let isFull = true;
		const open: Disk["promises"]["open"] = (path, flags, mode) =>
			isFull ? Promise.reject(new Error("ENOSPC")) : MACHINE.promises.open(path, flags, mode);
		const file = fileOn({ ...MACHINE, promises: { ...MACHINE.promises, open } });
		file.changed();
		await waitUntil("it is told", () => told.length > 0);
		file.changed();
		isFull = false;
		await waitUntil("it is written", () => told.includes("recovered"));
		await file.stop();
		expect(told).toEqual(["ENOSPC", "recovered"]);
		expect(fileOn().load()).toEqual(demand);
	});
});
