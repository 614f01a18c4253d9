import { hash } from "node:crypto";
import type { SavedService } from "../catalog/keep/saved.js";
import type { Steps } from "../util/steps.js";
import { DamagedState, decodeService, encodeService, FORMAT } from "./state-format.js";

// A record is a line with its head, and a body of lines: what is kept of a service, or its name alone where nothing is any
// more. No line of a body begins as a head does, so that a reader finds the next record behind a damaged one.

const BEGIN = '{"fingerpost":"state",';
const NEXT = `\n${BEGIN}`;
/** Records that are looked at in one step. */
const BLOCK = 64;

interface Head {
	readonly fingerpost: "state";
	readonly format: number;
	/** Of the body. */
	readonly sha256: string;
	readonly name: string;
	/** The length of the body. */
	readonly bytes: number;
	/** How far it begins behind the first one that was written with it. */
	readonly into: number;
}

/** What is to be written of a service. */
export interface EncodedRecord {
	readonly name: string;
	readonly body: Buffer;
	/** Of the body: who has the same one has the same body. */
	readonly hash: string;
	/** Of the body. */
	readonly format: number;
	/** Nothing is kept of it any more. */
	readonly isGone: boolean;
}

export function* encodeRecord(name: string, saved: SavedService | undefined): Steps<EncodedRecord> {
	const body = Buffer.from(saved ? yield* encodeService(saved) : `${JSON.stringify(name)}\n`);
	return { name, body, hash: sha256(body), format: FORMAT, isGone: !saved };
}

/** Records that are written together, and the length of each. */
export function joinRecords(records: readonly EncodedRecord[]): { bytes: Buffer; lengths: readonly number[] } {
	const parts: Buffer[] = [];
	const lengths: number[] = [];
	let into = 0;
	for (const { name, body, hash: sha, format } of records) {
		const head: Head = { fingerpost: "state", format, sha256: sha, name, bytes: body.length, into };
		const line = Buffer.from(`${JSON.stringify(head)}\n`);
		parts.push(line, body);
		lengths.push(line.length + body.length);
		into += line.length + body.length;
	}
	return { bytes: Buffer.concat(parts, into), lengths };
}

/** A record whose hash is right. */
export interface FoundRecord {
	readonly head: Head;
	/** Where it begins. */
	readonly at: number;
	readonly body: Buffer;
	/** Of all of it. */
	readonly length: number;
}

/** Where something else is than what was written, and why. */
export interface Damage {
	readonly at: number;
	readonly reason: string;
}

/** All records of a file, and what of it is damaged. What was being written when the process or the power went is no damage. */
export function* findRecords(bytes: Buffer): Steps<{ records: readonly FoundRecord[]; damage: readonly Damage[] }> {
	const records: FoundRecord[] = [];
	const damage: (Damage & { readonly isTorn: boolean })[] = [];
	for (let at = 0, end: number, n = 1; at < bytes.length; at = end, n++) {
		const next = bytes.indexOf(NEXT, at);
		end = next < 0 ? bytes.length : next + 1;
		const part = bytes.subarray(at, end);
		const head = headOf(part);
		const begin = part.indexOf("\n") + 1;
		const body = part.subarray(begin, begin + (head?.bytes ?? 0));
		if (head && sha256(body) === head.sha256) {
			records.push({ head, at, body, length: begin + body.length });
			// Behind the last one may be a part of one.
			end = at + begin + body.length;
		} else {
			const isCut = next < 0 && (head ? body.length < head.bytes : begin === 0);
			const reason = head ? `the hash of ${head.name} differs` : "no record begins there";
			damage.push({ at, reason, isTorn: isCut || part.includes(0) });
		}
		if (n % BLOCK === 0) yield;
	}
	const last = records.at(-1);
	const lastWrite = last ? last.at - last.head.into : 0;
	return { records, damage: damage.filter(({ at, isTorn }) => !isTorn || at < lastWrite) };
}

/**
 * @returns undefined if nothing is kept of the service any more.
 * @throws DamagedState if it is of another version, or of another service than its head says.
 */
export function* decodeRecord({ head, body }: FoundRecord, lastHeard: Date): Steps<SavedService | undefined> {
	const text = body.toString();
	const service = text.startsWith('"') ? undefined : yield* decodeService(head.format, text, lastHeard);
	const name = service ? service.name : JSON.parse(text);
	if (name !== head.name) throw new DamagedState(`it is of another service, ${name}`);
	return service;
}

export function sha256(body: Buffer | string): string {
	return hash("sha256", body, "hex");
}

function headOf(part: Buffer): Head | undefined {
	const line = part.toString("utf8", 0, Math.max(0, part.indexOf("\n")));
	if (!line.startsWith(BEGIN)) return undefined;
	try {
		const head = JSON.parse(line) as Head;
		const isOne = typeof head.sha256 === "string" && typeof head.name === "string";
		return isOne && Number.isInteger(head.format + head.bytes + head.into) ? head : undefined;
	} catch {
		return undefined;
	}
}
