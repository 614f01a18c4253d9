import type { IncomingHttpHeaders } from "node:http";

/** Milliseconds for which an answer holds, as its headers say; undefined if they do not. */
export function maxAgeOf(headers: IncomingHttpHeaders): number | undefined {
	const directives = (headers["cache-control"] ?? "").toLowerCase().split(",");
	const [, seconds] = directives.map((each) => /^\s*max-age\s*=\s*"?(\d{1,10})"?\s*$/.exec(each)).find(Boolean) ?? [];
	if (seconds === undefined) return undefined;
	const age = Number(headers.age);
	return Math.max(0, Number(seconds) - (age > 0 ? age : 0)) * 1_000;
}
