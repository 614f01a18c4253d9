import { FingerpostError } from "../../util/errors.js";
import { namePattern } from "../../util/text/name-pattern.js";

/** What of a list is asked for. */
export interface ListQuery {
	/** Where the last page ended: what stands there and before it is left out. */
	readonly after: string | undefined;
	/** As many at most. */
	readonly limit: number;
}

/** @throws FingerpostError USAGE */
export function listQuery(query: URLSearchParams): ListQuery {
	const limit = query.get("limit");
	if (limit !== null && !/^[1-9]\d{0,8}$/.test(limit)) throw wrongQuery("limit", "a number from 1", limit);
	return { after: query.get("after") ?? undefined, limit: limit === null ? Number.POSITIVE_INFINITY : Number(limit) };
}

/** What fits a parameter that is a name, or a pattern with `*`; everything where it is not given. */
export function nameFilter(query: URLSearchParams, key: string): ((name: string) => boolean) | undefined {
	const pattern = query.get(key);
	return pattern === null ? undefined : namePattern(pattern);
}

/** The value of a parameter that has a few. @throws FingerpostError USAGE */
export function oneOfQuery<T extends string>(
	query: URLSearchParams,
	key: string,
	choices: readonly T[],
): T | undefined {
	const value = query.get(key);
	if (value === null) return undefined;
	const found = choices.find((each) => each === value);
	if (found === undefined) throw wrongQuery(key, `one of ${choices.join(", ")}`, value);
	return found;
}

export function wrongQuery(key: string, expected: string, value: string): FingerpostError {
	return new FingerpostError("USAGE", `expected ${expected} for ${key}, not "${value.slice(0, 64)}"`);
}
