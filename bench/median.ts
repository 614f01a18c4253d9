export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] as number;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** The median of each number, of its own; keys that the first one lacks are left out. */
export function medianOf<T extends object>(samples: readonly T[]): T {
	const keys = Object.keys(samples[0] as T) as (keyof T)[];
	return Object.fromEntries(keys.map((key) => [key, median(samples.map((sample) => sample[key] as number))])) as T;
}
