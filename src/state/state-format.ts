import { hash } from "node:crypto";
import type { Pin } from "../catalog/keep/pin.js";
import type { Hold } from "../catalog/keep/removal-guard.js";
import type { SavedService } from "../catalog/keep/saved.js";
import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import { parseTarget } from "../model/target.js";
import type { Steps } from "../util/steps.js";
import { endpointLines, readEndpointLines, readOneALine, withDate } from "./endpoint-lines.js";

// A file is lines of JSON: a head with the format's number and the hash of the rest, the service, and then each target,
// its endpoints and what of it is held; in the end what the service is pinned to.

/** Of what is written. */
const FORMAT = 2;
/** All that were written once are read; they differ in how endpoints stand there. */
const READERS: ReadonlyMap<number, typeof readEndpointLines> = new Map([
	[1, readOneALine],
	[FORMAT, readEndpointLines],
]);

/** The file is not what was written. */
export class DamagedState extends Error {}

interface Head {
	readonly fingerpost: "state";
	readonly format: number;
	readonly sha256: string;
}

interface ServiceLine {
	readonly name: string;
	readonly definition: object;
	readonly removedAt?: string;
	readonly found?: boolean;
	readonly registry?: string;
	readonly targets: number;
	/** Its endpoints stand behind the targets. */
	readonly pin?: {
		readonly version: string;
		readonly since: string;
		readonly until: string;
		readonly count: number;
	};
}

interface TargetLine {
	readonly target: string;
	readonly whole: boolean;
	/** Absent while the source answers: then it was heard of for as long as the process lived. */
	readonly lastSuccess?: string;
	readonly staleSince?: string;
	readonly endpoints: number;
	readonly held?: {
		readonly before: number;
		readonly since: string;
		readonly why: "target" | "registry";
		readonly count: number;
	};
}

/** The text of a file, and the hash in its head: who has the same one has the same text. */
export interface EncodedState {
	readonly text: string;
	readonly hash: string;
}

/** What a service's file is to be. */
export function* encodeState(saved: SavedService): Steps<EncodedState> {
	const { name, definition, removedAt, found, registry, targets, pin } = saved;
	const service: ServiceLine = {
		name,
		definition: withoutTargets(definition),
		...(removedAt && { removedAt: removedAt.toISOString() }),
		...(found && { found }),
		...(registry && { registry }),
		targets: targets.length,
		...(pin && { pin: pinLine(pin) }),
	};
	let body = `${JSON.stringify(service)}\n`;
	for (const { target, whole, endpoints, lastSuccess, staleSince, hold } of targets) {
		const line: TargetLine = {
			...{ target, whole, endpoints: endpoints.length },
			...(staleSince && { lastSuccess: lastSuccess.toISOString(), staleSince: staleSince.toISOString() }),
			...(hold && {
				held: {
					...{ before: hold.before, since: hold.since.toISOString(), count: hold.endpoints.length },
					why: hold.why === "target" ? "target" : "registry",
				},
			}),
		};
		body += `${JSON.stringify(line)}\n`;
		body += yield* endpointLines(endpoints);
		if (hold) body += yield* endpointLines(hold.endpoints);
	}
	if (pin) body += yield* endpointLines(pin.endpoints);
	const head: Head = { fingerpost: "state", format: FORMAT, sha256: sha256(body) };
	return { text: `${JSON.stringify(head)}\n${body}`, hash: head.sha256 };
}

/** What a file said, and the hash in its head. */
export interface DecodedState {
	readonly service: SavedService;
	readonly hash: string;
}

/**
 * What a file says.
 * @param lastHeard until when sources that answered were heard of.
 * @throws DamagedState
 */
export function* decodeState(text: string, lastHeard: Date): Steps<DecodedState> {
	const end = text.indexOf("\n");
	const head = headOf(text.slice(0, Math.max(0, end)));
	const endpointsOf = READERS.get(head.format);
	if (!endpointsOf) {
		throw new DamagedState(`its format ${head.format} is of another version: this one reads up to ${FORMAT}`);
	}
	const body = text.slice(end + 1);
	if (sha256(body) !== head.sha256) throw new DamagedState("its contents are not what was written: the hash differs");
	yield;
	const lines = new Lines(body);
	const next = <T>() => lines.next<T>();
	const { name, definition, removedAt, found, registry, targets, pin } = next<ServiceLine>();
	const saved: SavedService["targets"][number][] = [];
	for (let i = 0; i < targets; i++) {
		const { target, whole, lastSuccess, staleSince, endpoints, held } = next<TargetLine>();
		const list = yield* endpointsOf(next, endpoints);
		const heldOnes = held && (yield* endpointsOf(next, held.count));
		saved.push({
			...{ target, whole, endpoints: list },
			lastSuccess: lastSuccess === undefined ? lastHeard : new Date(lastSuccess),
			...(staleSince !== undefined && { staleSince: new Date(staleSince) }),
			...(held && heldOnes && { hold: holdOf(held, heldOnes) }),
		});
	}
	const pinned = pin && (yield* endpointsOf(next, pin.count));
	const service: SavedService = {
		...{ name, definition: withTargets(definition), targets: saved },
		...(pin && pinned && { pin: pinOf(pin, pinned) }),
		...(removedAt !== undefined && { removedAt: new Date(removedAt) }),
		...(found && { found }),
		...(registry !== undefined && { registry }),
	};
	return { service, hash: head.sha256 };
}

function holdOf({ before, since, why }: NonNullable<TargetLine["held"]>, endpoints: readonly Endpoint[]): Hold {
	return { endpoints, before, since: new Date(since), why };
}

function pinLine({ version, since, until, endpoints }: Pin): NonNullable<ServiceLine["pin"]> {
	return { version, since: since.toISOString(), until: until.toISOString(), count: endpoints.length };
}

function pinOf({ version, since, until }: NonNullable<ServiceLine["pin"]>, endpoints: readonly Endpoint[]): Pin {
	return { endpoints, version, since: new Date(since), until: new Date(until) };
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

/** Each read when it is its turn. */
class Lines {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	next<T>(): T {
		const end = this.#text.indexOf("\n", this.#at);
		const line = this.#text.slice(this.#at, end);
		this.#at = end + 1;
		return JSON.parse(line) as T;
	}
}

/** What is said of outages is not needed where a service is only being removed. */
function withoutTargets({ guard: _, onFailure: __, targets, compare: ___, ...rest }: ServiceDefinition): object {
	return {
		...rest,
		targets: targets.map(({ target, guard: _, onFailure: __, ...each }) => ({ ...each, target: target.text })),
	};
}

function withTargets(written: object): ServiceDefinition {
	const { targets, endpoints, ...rest } = written as Omit<ServiceDefinition, "targets" | "compare"> & {
		readonly targets: readonly (Omit<ServiceDefinition["targets"][number], "target"> & { readonly target: string })[];
	};
	return {
		...rest,
		targets: targets.map((each) => ({ ...each, target: parseTarget(each.target) })),
		...(endpoints && { endpoints: endpoints.map(withDate) }),
	};
}

function sha256(text: string): string {
	return hash("sha256", text, "hex");
}
