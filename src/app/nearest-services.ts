import type { Catalog } from "../catalog/catalog.js";
import { nearestWord } from "../util/text/suggest.js";

/** Of more services than these the nearest is not looked for. */
const MAX_SERVICES = 1_000;
/** Names that are looked for in a second: each takes up to a millisecond, and clients choose how many there are. */
const PER_SECOND = 10;

/** The services that were meant by names that do not exist. */
export class NearestServices {
	readonly #catalog: Pick<Catalog, "names" | "get">;
	#second = 0;
	#count = 0;

	constructor(catalog: Pick<Catalog, "names" | "get">) {
		this.#catalog = catalog;
	}

	/** Whether there is a service of the very name: then it is not for who finds none. */
	has(name: string): boolean {
		return this.#catalog.get(name) !== undefined;
	}

	/** Undefined where none is near, or where it would cost too much to find out. */
	of(name: string): string | undefined {
		const second = Math.floor(performance.now() / 1_000);
		if (second !== this.#second) [this.#second, this.#count] = [second, 0];
		if (++this.#count > PER_SECOND) return undefined;
		const names: string[] = [];
		for (const each of this.#catalog.names()) if (names.push(each) > MAX_SERVICES) return undefined;
		return nearestWord(name, names);
	}
}
