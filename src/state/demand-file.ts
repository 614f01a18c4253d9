import { hash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { zoneOf } from "../model/zones/zone.js";
import type { ZoneDemand } from "../model/zones/zone-balance.js";
import { messageOf } from "../util/errors.js";
import { type Disk, MACHINE, syncNames } from "./disk.js";
import type { SetAside } from "./state-events.js";

// The file is a head with the format's number and the hash of the rest, then a line for each service: its name, and
// region, zone and number of clients of each zone.

const FILE = "zones.demand";
const FORMAT = 1;

/** How many clients count for each service. */
export type SavedDemand = Iterable<readonly [name: string, zones: readonly ZoneDemand[]]>;

/** What is told of the file. */
export interface DemandFileEvents {
	/** It could not be used. */
	setAside(file: SetAside): void;
	/** It cannot be written; told once until it can be again. */
	failed(error: Error): void;
	recovered(): void;
}

/** Milliseconds; tests have others. */
export interface DemandFileTimes {
	/** Changes of so long are written together. */
	readonly quiet: number;
	/** After a failure it is tried again. */
	readonly retry: number;
}

const TIMES: DemandFileTimes = { quiet: 5_000, retry: 30_000 };

/** Keeps on disk how many clients counted in each zone, for the next start. */
export class DemandFile {
	readonly #path: string;
	readonly #saved: () => SavedDemand;
	readonly #events: DemandFileEvents;
	readonly #times: DemandFileTimes;
	readonly #disk: Disk;
	#written = "";
	#timer: NodeJS.Timeout | undefined;
	#writing: Promise<void> | undefined;
	#isFailing = false;

	/** @param saved what is to be kept, asked for when it is written. */
	constructor(
		directory: string,
		saved: () => SavedDemand,
		events: DemandFileEvents,
		times: Partial<DemandFileTimes> = {},
		disk = MACHINE,
	) {
		this.#path = join(resolve(directory), FILE);
		this.#saved = saved;
		this.#events = events;
		this.#times = { ...TIMES, ...times };
		this.#disk = disk;
	}

	/** What the last process left; nothing where there is no file, or one that cannot be used: that is set aside. */
	load(): ReadonlyMap<string, readonly ZoneDemand[]> {
		try {
			const text = this.#disk.readFileSync(this.#path, "utf8");
			const demand = decode(text);
			this.#written = text;
			return demand;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
			this.#events.setAside({ file: FILE, reason: messageOf(error) });
			this.#setAside();
			return new Map();
		}
	}

	/** Something else counts. */
	changed(): void {
		this.#writeIn(this.#isFailing ? this.#times.retry : this.#times.quiet);
	}

	/** Writes what is not written yet. */
	async stop(): Promise<void> {
		const isDue = this.#timer !== undefined;
		clearTimeout(this.#timer);
		await this.#writing;
		if (isDue) await this.#write();
	}

	#writeIn(ms: number): void {
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			const before = this.#writing ?? Promise.resolve();
			this.#writing = before.then(() => this.#write());
		}, ms).unref();
	}

	async #write(): Promise<void> {
		const text = encode(this.#saved());
		if (text === this.#written) return;
		try {
			await this.#replace(text);
			this.#written = text;
			if (this.#isFailing) this.#events.recovered();
			this.#isFailing = false;
		} catch (error) {
			if (!this.#isFailing) this.#events.failed(error instanceof Error ? error : new Error(messageOf(error)));
			this.#isFailing = true;
			this.#writeIn(this.#times.retry);
		}
	}

	/** Whatever happens, it is the old file or the new one. */
	async #replace(text: string): Promise<void> {
		const { open, rename } = this.#disk.promises;
		const temporary = `${this.#path}.tmp`;
		const file = await open(temporary, "w", 0o600);
		try {
			await file.write(Buffer.from(text), 0);
			await file.sync();
		} finally {
			file.close();
		}
		await rename(temporary, this.#path);
		await syncNames(this.#disk, dirname(this.#path));
	}

	#setAside(): void {
		try {
			this.#disk.renameSync(this.#path, `${this.#path}.damaged`);
		} catch {
			// It was told that it cannot be used; the next writing replaces it.
		}
	}
}

function encode(demand: SavedDemand): string {
	const lines = [...demand].map(([name, zones]) =>
		JSON.stringify([name, ...zones.map(({ region, zone, clients }) => [region, zone, clients])]),
	);
	const rest = lines
		.sort()
		.map((line) => `${line}\n`)
		.join("");
	return `${JSON.stringify({ format: FORMAT, sha256: hash("sha256", rest, "hex") })}\n${rest}`;
}

/** @throws Error that says why it cannot be used. */
function decode(text: string): ReadonlyMap<string, readonly ZoneDemand[]> {
	const end = text.indexOf("\n") + 1;
	const head = JSON.parse(text.slice(0, end)) as { format?: unknown; sha256?: unknown } | null;
	if (typeof head !== "object" || head === null) throw new Error("it does not begin as such a file does");
	const { format, sha256 } = head;
	if (format !== FORMAT) throw new Error(`its format is ${JSON.stringify(format)}, and ${FORMAT} is read`);
	const rest = text.slice(end);
	if (hash("sha256", rest, "hex") !== sha256) throw new Error("its content is not what was written");
	const demand = new Map<string, readonly ZoneDemand[]>();
	for (const line of rest.split("\n")) {
		if (line === "") continue;
		const [name, ...zones] = JSON.parse(line) as [string, ...(readonly [string, string, number])[]];
		demand.set(name, zones.map(([region, zone, clients]) => ({ region, zone, clients })).filter(isDemand));
	}
	return demand;
}

function isDemand({ clients, ...zone }: ZoneDemand): boolean {
	return zoneOf(zone) !== undefined && Number.isSafeInteger(clients) && clients > 0;
}
