/** How often a property is tried, and the seed if the run is to be repeated. For `fc.assert`. */
export interface RandomRuns {
	readonly numRuns: number;
	readonly seed?: number;
}

/**
 * @param inCi how often with CI=true. Else it is a quarter of that. FC_RUNS=50000 is a longer search, and FC_SEED repeats
 *   the run of a seed that was printed.
 */
export function randomRuns(inCi: number): RandomRuns {
	const { CI, FC_RUNS, FC_SEED } = process.env;
	const numRuns = FC_RUNS ? numberOf("FC_RUNS", FC_RUNS) : CI === "true" ? inCi : Math.ceil(inCi / 4);
	return { numRuns, ...(FC_SEED && { seed: numberOf("FC_SEED", FC_SEED) }) };
}

function numberOf(name: string, text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value)) throw new Error(`${name}=${text}: a whole number is wanted`);
	return value;
}
