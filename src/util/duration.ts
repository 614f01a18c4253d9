const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The longest duration: what a Node timer can wait for, about 24.8 days. */
export const MAX_DURATION_MS = 2_147_483_647;

/** `500ms`, `30s`, `5m`, `1h30m` in milliseconds; undefined if the text is none of these or above MAX_DURATION_MS. */
export function parseDuration(text: string): number | undefined {
	if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
	let total = 0;
	for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
		total += Number(amount) * (UNITS[unit as string] as number);
	}
	return total <= MAX_DURATION_MS ? Math.round(total) : undefined;
}

/** Milliseconds as the shortest text that parseDuration reads back: 90000 is `1m30s`. */
export function formatDuration(ms: number): string {
	if (ms === 0) return "0s";
	let rest = Math.round(ms);
	let text = "";
	for (const [unit, size] of [
		["h", 3_600_000],
		["m", 60_000],
		["s", 1_000],
		["ms", 1],
	] as const) {
		const count = Math.floor(rest / size);
		if (count > 0) text += `${count}${unit}`;
		rest -= count * size;
	}
	return text;
}
