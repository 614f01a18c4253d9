import { parseDuration } from "../../util/duration.js";
import { FingerpostError } from "../../util/errors.js";

/**
 * A time: `10m` ago, or as `2026-11-24T13:11:14Z`; in milliseconds since 1970. Undefined where there is none.
 * @throws FingerpostError USAGE
 */
export function timeQuery(query: URLSearchParams, key: string): number | undefined {
	const text = query.get(key);
	if (text === null) return undefined;
	const ago = parseDuration(text);
	if (ago !== undefined) return Date.now() - ago;
	const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(time))
		throw new FingerpostError("USAGE", `${key} is a time such as 10m (ago) or 2026-11-24T13:11:14Z`);
	return time;
}
