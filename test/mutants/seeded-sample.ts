import { seededRandom } from "../../lab/seeded-random.js";

/** Takes `count` of the list by chance, the same ones for the same seed; all in random order where there are fewer. */
export function seededSample<T>(list: readonly T[], count: number, seed: number): T[] {
	const random = seededRandom(seed);
	const rest = [...list];
	const taken: T[] = [];
	while (taken.length < count && rest.length > 0) taken.push(...rest.splice(Math.floor(random() * rest.length), 1));
	return taken;
}
