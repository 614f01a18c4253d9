interface Counts {
	answers: number;
	failures: number;
}

/** Of the whole process, by the schemes of targets; a config has few of them. */
const BY_SCHEME = new Map<string, Counts>();

/** A source has answered, or failed. */
export function countSource(scheme: string, what: keyof Counts): void {
	const counts = BY_SCHEME.get(scheme) ?? { answers: 0, failures: 0 };
	counts[what]++;
	BY_SCHEME.set(scheme, counts);
}

/** How often the sources of each scheme have answered and failed, in this process. */
export function sourceCounts(): ReadonlyMap<string, Readonly<Counts>> {
	return BY_SCHEME;
}
