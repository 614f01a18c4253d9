/** Top-level keys that are free, for anchors and for other programs, as in Docker Compose. */
export const EXTENSION = /^x-/;

/** A config without them. */
export function withoutExtensions(written: unknown): unknown {
	if (typeof written !== "object" || written === null || Array.isArray(written)) return written;
	const entries = Object.entries(written);
	return entries.some(([key]) => EXTENSION.test(key))
		? Object.fromEntries(entries.filter(([key]) => !EXTENSION.test(key)))
		: written;
}
