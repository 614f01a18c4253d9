import { join } from "node:path";
import type { SavedService } from "../catalog/keep/saved.js";
import { messageOf } from "../util/errors.js";
import type { Steps } from "../util/steps.js";
import { sha256 } from "./journal-record.js";
import type { StateDirectory } from "./state-directory.js";
import type { SetAside } from "./state-events.js";
import { DamagedState, decodeService } from "./state-format.js";

// Before there was a journal, each service had a file of its own: a line with its format and hash, and the body of a record.

const END = ".state";

/** What such files say of each service. One that cannot be used is set aside, if it can be. @param told of each of those. */
export function* readFirstFiles(
	directory: StateDirectory,
	told: (file: SetAside) => void,
): Steps<ReadonlyMap<string, SavedService>> {
	const services = new Map<string, SavedService>();
	const { disk, path, isLocked } = directory;
	for (const file of disk.readdirSync(path)) {
		// One that was being written.
		if (file.endsWith(`${END}.tmp`) && isLocked) disk.unlinkSync(join(path, file));
		if (!file.endsWith(END)) continue;
		try {
			const service = yield* decodeFile(disk.readFileSync(join(path, file), "utf8"), directory.lastHeard(file));
			if (firstFileOf(service.name) !== file) {
				throw new DamagedState(`it is the file of another service, ${service.name}`);
			}
			services.set(service.name, service);
		} catch (error) {
			told({ file, reason: messageOf(error) });
			if (isLocked) directory.setAside(file);
		}
		yield;
	}
	return services;
}

/** Takes them away, for certain if it is not over before. */
export async function removeFirstFiles(
	directory: StateDirectory,
	names: Iterable<string>,
	isOver: () => boolean,
): Promise<void> {
	for (const name of names) {
		if (isOver()) return;
		await directory.remove(firstFileOf(name));
	}
	await directory.sync();
}

function firstFileOf(name: string): string {
	return `${sha256(name).slice(0, 32)}${END}`;
}

function* decodeFile(text: string, lastHeard: Date): Steps<SavedService> {
	const end = text.indexOf("\n");
	const { format, sha256: written } = headOf(text.slice(0, Math.max(0, end)));
	const body = text.slice(end + 1);
	if (sha256(body) !== written) throw new DamagedState("its contents are not what was written: the hash differs");
	return yield* decodeService(format, body, lastHeard);
}

interface Head {
	readonly fingerpost: "state";
	readonly format: number;
	readonly sha256: string;
}

function headOf(line: string): Head {
	let head: Partial<Head> | null = null;
	try {
		head = JSON.parse(line);
	} catch {
		// It is told below.
	}
	if (head?.fingerpost !== "state" || typeof head.format !== "number" || typeof head.sha256 !== "string") {
		throw new DamagedState("it does not begin as such a file does");
	}
	return head as Head;
}
