import { createHash } from "node:crypto";
import type { Pin } from "../catalog/keep/pin.js";
import type { Hold } from "../catalog/keep/removal-guard.js";
import type { SavedService } from "../catalog/keep/saved.js";
import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import { parseTarget } from "../model/target.js";
import type { Steps } from "../util/steps.js";

// A file is lines of JSON: a head with the format's number and the hash of the rest, the service, and then each target,
// its endpoints and what of it is held, an endpoint a line; in the end what the service is pinned to.

/** Of what is written. All that were written once are read. */
const FORMAT = 1;
/** Endpoints that are looked at in one step. */
const STEP = 256;

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

/** The text of a service's file. */
export function* encodeState({ name, definition, removedAt, found, targets, pin }: SavedService): Steps<string> {
	const service: ServiceLine = {
		name,
		definition: withoutTargets(definition),
		...(removedAt && { removedAt: removedAt.toISOString() }),
		...(found && { found }),
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
		for (const [i, e] of [...endpoints, ...(hold?.endpoints ?? [])].entries()) {
			if (i % STEP === STEP - 1) yield;
			body += `${JSON.stringify(e)}\n`;
		}
	}
	for (const [i, e] of (pin?.endpoints ?? []).entries()) {
		if (i % STEP === STEP - 1) yield;
		body += `${JSON.stringify(e)}\n`;
	}
	const head: Head = { fingerpost: "state", format: FORMAT, sha256: sha256(body) };
	return `${JSON.stringify(head)}\n${body}`;
}

/**
 * What a file says.
 * @param lastHeard until when sources that answered were heard of.
 * @throws DamagedState
 */
export function* decodeState(text: string, lastHeard: Date): Steps<SavedService> {
	const end = text.indexOf("\n");
	const head = headOf(text.slice(0, Math.max(0, end)));
	if (head.format !== FORMAT) {
		throw new DamagedState(`its format ${head.format} is of another version: this one reads ${FORMAT}`);
	}
	const body = text.slice(end + 1);
	if (sha256(body) !== head.sha256) throw new DamagedState("its contents are not what was written: the hash differs");
	yield;
	const lines = new Lines(body);
	const { name, definition, removedAt, found, targets, pin } = lines.next<ServiceLine>();
	const saved: SavedService["targets"][number][] = [];
	for (let i = 0; i < targets; i++) {
		const { target, whole, lastSuccess, staleSince, endpoints, held } = lines.next<TargetLine>();
		const list = yield* endpointsOf(lines, endpoints);
		const heldOnes = held && (yield* endpointsOf(lines, held.count));
		saved.push({
			...{ target, whole, endpoints: list },
			lastSuccess: lastSuccess === undefined ? lastHeard : new Date(lastSuccess),
			...(staleSince !== undefined && { staleSince: new Date(staleSince) }),
			...(held && heldOnes && { hold: holdOf(held, heldOnes) }),
		});
	}
	const pinned = pin && (yield* endpointsOf(lines, pin.count));
	return {
		...{ name, definition: withTargets(definition), targets: saved },
		...(pin && pinned && { pin: pinOf(pin, pinned) }),
		...(removedAt !== undefined && { removedAt: new Date(removedAt) }),
		...(found && { found }),
	};
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

function* endpointsOf(lines: Lines, count: number): Steps<readonly Endpoint[]> {
	const endpoints: Endpoint[] = [];
	for (let i = 0; i < count; i++) {
		if (i % STEP === STEP - 1) yield;
		endpoints.push(withDate(lines.next<Endpoint>()));
	}
	return endpoints;
}

function withDate(e: Endpoint): Endpoint {
	return e.origin?.at === undefined ? e : { ...e, origin: { ...e.origin, at: new Date(e.origin.at) } };
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
	return createHash("sha256").update(text).digest("hex");
}
