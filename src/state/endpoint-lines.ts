import type { Endpoint, Origin } from "../model/endpoint.js";
import type { Steps } from "../util/steps.js";

/** Endpoints of a line, which are looked at in one step. */
const BLOCK = 128;

/** What neighbours in a list mostly have in common. */
type Common = Omit<Endpoint, "address" | "port" | "origin"> & {
	/** The origin's target; absent where there is no origin. */
	readonly from?: string;
};

/** The origin's object, its revision, and its date in milliseconds since 1970: null where there is none. */
type Written =
	| readonly [string, number, string | null, string | null, number | null]
	/** From this one on, it is that. */
	| readonly [string, number, string | null, string | null, number | null, Common];

const COMMON = Object.keys({
	...{ health: true, weight: true, priority: true, locality: true, hostname: true, additionalAddresses: true },
	...{ metadata: true, targetShare: true },
} satisfies Record<keyof Omit<Endpoint, "address" | "port" | "origin">, true>) as readonly (keyof Common &
	keyof Endpoint)[];

/** The lines of these endpoints, some of them on each; what one has in common with the one before is not repeated. */
export function* endpointLines(endpoints: readonly Endpoint[]): Steps<string> {
	let lines = "";
	let previous: Endpoint | undefined;
	for (let from = 0; from < endpoints.length; from += BLOCK) {
		if (from > 0) yield;
		const block: Written[] = [];
		for (const e of endpoints.slice(from, from + BLOCK)) {
			const { object = null, revision = null, at } = e.origin ?? {};
			const date = at?.getTime() ?? null;
			if (previous && isLike(e, previous)) block.push([e.address, e.port, object, revision, date]);
			else block.push([e.address, e.port, object, revision, date, commonOf(e)]);
			previous = e;
		}
		lines += `${JSON.stringify(block)}\n`;
	}
	return lines;
}

/** Reads what endpointLines() wrote. @param next the next line. */
export function* readEndpointLines(next: <T>() => T, count: number): Steps<readonly Endpoint[]> {
	const endpoints: Endpoint[] = [];
	let from: string | undefined;
	let common: Omit<Common, "from"> | undefined;
	while (endpoints.length < count) {
		if (endpoints.length > 0) yield;
		for (const [address, port, object, revision, date, other] of next<readonly Written[]>()) {
			if (other) ({ from, ...common } = other);
			const { health, weight, priority, locality, ...rest } = common as Omit<Common, "from">;
			const e = { address, port, health, weight, priority, locality, ...rest };
			endpoints.push(from === undefined ? e : { ...e, origin: originOf(from, object, revision, date) });
		}
	}
	return endpoints;
}

/** Reads those of the first format, an endpoint a line. @param next the next line. */
export function* readOneALine(next: <T>() => T, count: number): Steps<readonly Endpoint[]> {
	const endpoints: Endpoint[] = [];
	for (let i = 0; i < count; i++) {
		if (i % BLOCK === BLOCK - 1) yield;
		endpoints.push(withDate(next<Endpoint>()));
	}
	return endpoints;
}

/** As JSON has it the date is a text. */
export function withDate(e: Endpoint): Endpoint {
	return e.origin?.at === undefined ? e : { ...e, origin: { ...e.origin, at: new Date(e.origin.at) } };
}

function isLike(a: Endpoint, b: Endpoint): boolean {
	if (a.origin?.target !== b.origin?.target) return false;
	for (const key of COMMON) if (a[key] !== b[key] && !(key === "locality" && isSamePlace(a, b))) return false;
	return true;
}

function isSamePlace({ locality: a }: Endpoint, { locality: b }: Endpoint): boolean {
	return a.region === b.region && a.zone === b.zone && a.subZone === b.subZone;
}

function commonOf({ address: _, port: __, origin, ...common }: Endpoint): Common {
	return origin ? { ...common, from: origin.target } : common;
}

function originOf(target: string, object: string | null, revision: string | null, date: number | null): Origin {
	// Most have all.
	if (object !== null && revision !== null && date !== null) return { target, object, revision, at: new Date(date) };
	return {
		target,
		...(object !== null && { object }),
		...(revision !== null && { revision }),
		...(date !== null && { at: new Date(date) }),
	};
}
