import type { Pin } from "../catalog/keep/pin.js";
import type { Hold } from "../catalog/keep/removal-guard.js";
import type { SavedService } from "../catalog/keep/saved.js";
import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import { parseTarget } from "../model/target.js";
import type { Steps } from "../util/steps.js";
import { endpointLines, readEndpointLines, readOneALine, withDate } from "./endpoint-lines.js";

// What is kept of a service is lines of JSON: the service, and then each target, its endpoints and what of it is held; in
// the end what the service is pinned to.

/** Of what is written. */
export const FORMAT = 2;
/** All that were written once are read; they differ in how endpoints stand there. */
const READERS: ReadonlyMap<number, typeof readEndpointLines> = new Map([
	[1, readOneALine],
	[FORMAT, readEndpointLines],
]);

/** It is not what was written. */
export class DamagedState extends Error {}

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

/** What is kept of a service, as text. */
export function* encodeService(saved: SavedService): Steps<string> {
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
	return body;
}

/**
 * What such a text says.
 * @param lastHeard until when sources that answered were heard of.
 * @throws DamagedState if its format is of another version; an error if it is no such text.
 */
export function* decodeService(format: number, text: string, lastHeard: Date): Steps<SavedService> {
	const endpointsOf = READERS.get(format);
	if (!endpointsOf) {
		throw new DamagedState(`its format ${format} is of another version: this one reads up to ${FORMAT}`);
	}
	const lines = new Lines(text);
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
	return {
		...{ name, definition: withTargets(definition), targets: saved },
		...(pin && pinned && { pin: pinOf(pin, pinned) }),
		...(removedAt !== undefined && { removedAt: new Date(removedAt) }),
		...(found && { found }),
		...(registry !== undefined && { registry }),
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
