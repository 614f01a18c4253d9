/** The times of one combination of labels. */
export class Durations {
	readonly #bounds: readonly number[];
	/** How many were at most as long as the bound of that place, and longer than the one before; the last has no bound. */
	readonly #counts: Float64Array;
	#sum = 0;

	constructor(bounds: readonly number[]) {
		this.#bounds = bounds;
		this.#counts = new Float64Array(bounds.length + 1);
	}

	observe(seconds: number): void {
		const bounds = this.#bounds;
		let i = 0;
		while (i < bounds.length && seconds > (bounds[i] as number)) i++;
		this.#counts[i] = (this.#counts[i] as number) + 1;
		this.#sum += seconds;
	}

	/** @param labels as they stand between the braces. */
	lines(name: string, labels: string): string {
		let count = 0;
		let text = "";
		for (const [i, bound] of [...this.#bounds, "+Inf"].entries()) {
			count += this.#counts[i] as number;
			text += `${name}_bucket{le="${bound}",${labels}} ${count}\n`;
		}
		return `${text}${name}_sum{${labels}} ${this.#sum}\n${name}_count{${labels}} ${count}\n`;
	}
}

/**
 * A histogram in Prometheus's text format. There is a time for each push and stream, and the library's own looks up the
 * labels each time.
 */
export class DurationHistogram {
	readonly #name: string;
	readonly #help: string;
	readonly #labelNames: readonly [string, string];
	readonly #bounds: readonly number[];
	readonly #series = new Map<string, Map<string, Durations>>();

	/** @param bounds of the buckets, in seconds, the least first. */
	constructor(name: string, help: string, labelNames: readonly [string, string], bounds: readonly number[]) {
		this.#name = name;
		this.#help = help;
		this.#labelNames = labelNames;
		this.#bounds = bounds;
	}

	/** @param first and `second`: values of the labels, without quotes or backslashes. */
	of(first: string, second: string): Durations {
		let seconds = this.#series.get(first);
		if (!seconds) {
			seconds = new Map();
			this.#series.set(first, seconds);
		}
		let durations = seconds.get(second);
		if (!durations) {
			durations = new Durations(this.#bounds);
			seconds.set(second, durations);
		}
		return durations;
	}

	*lines(): Iterable<string> {
		yield `# HELP ${this.#name} ${this.#help}\n# TYPE ${this.#name} histogram\n`;
		const [one, two] = this.#labelNames;
		for (const [first, seconds] of this.#series) {
			for (const [second, durations] of seconds) {
				yield durations.lines(this.#name, `${one}="${first}",${two}="${second}"`);
			}
		}
		yield "\n";
	}
}
