/** Times in milliseconds; tests shorten them. */
export interface EtcdTiming {
	/** Until the answer to a request, and until a watch has begun. */
	readonly answer: number;
	/**
	 * How often a third of the watched prefixes, one at least, is asked for how many keys it has. That shows that the
	 * connection lives, that the cluster has a leader, and that the rights are still there.
	 */
	readonly check: number;
	/** A connection that lasts for this long works. */
	readonly steady: number;
	/** The first wait after a failure and the longest one, each before jitter. */
	readonly backoff: readonly [first: number, longest: number];
}

/** A dead connection is noticed after 20 s + 10 s at the latest. */
export const DEFAULT_TIMING: EtcdTiming = {
	answer: 10_000,
	check: 20_000,
	steady: 3_000,
	backoff: [1_000, 30_000],
};
