/** Times in milliseconds; tests shorten them. */
export interface KubernetesTiming {
	/** Until the head of an answer. */
	readonly head: number;
	/** Until the end of one page of a list. */
	readonly page: number;
	/**
	 * The time-out that a watch asks for: random between the two, so that not all end at once.
	 * Whole seconds.
	 */
	readonly watch: readonly [least: number, most: number];
	/** How long after its time-out a watch may end before its connection counts as dead. */
	readonly overtime: number;
	/** A watch that stays open for this long works. */
	readonly steady: number;
	/** The first wait after a failure and the longest one, each before jitter. */
	readonly backoff: readonly [first: number, longest: number];
	/** How often targets are confirmed while the watch works. */
	readonly confirm: number;
	/** How old credentials that came from files may get before they are read again. */
	readonly credentials: number;
}

/** A dead connection is noticed after 45 s + 8 s at the latest. */
export const DEFAULT_TIMING: KubernetesTiming = {
	head: 10_000,
	page: 30_000,
	watch: [30_000, 45_000],
	overtime: 8_000,
	steady: 3_000,
	backoff: [1_000, 30_000],
	confirm: 30_000,
	credentials: 60_000,
};
