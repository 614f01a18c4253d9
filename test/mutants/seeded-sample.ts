/** Takes `count` of the list by chance, the same ones for the same seed; all in random order where there are fewer. */
export function seededSample<T>(list: readonly T[], count: number, seed: number): T[] {
	const random = generator(seed);
	const rest = [...list];
	const taken: T[] = [];
	while (taken.length < count && rest.length > 0) taken.push(...rest.splice(Math.floor(random() * rest.length), 1));
	return taken;
}

/** Mulberry32: numbers from 0 up to 1. */
function generator(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
