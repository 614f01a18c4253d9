/** Times in milliseconds; tests shorten them. */
export interface DockerTiming {
	/** Until an answer is complete. */
	readonly answer: number;
	/** From one list to the next where no event comes. */
	readonly interval: number;
	/** The same at a manager of a Swarm, who hears nothing of tasks on other nodes. */
	readonly swarmInterval: number;
	/** The least time between the starts of two lists, however many events come. */
	readonly minInterval: number;
	/** Events that keep coming for this long work. */
	readonly steady: number;
	/** The first wait after a failure and the longest one, each before jitter. */
	readonly backoff: readonly [first: number, longest: number];
}

/** A dead engine is noticed after 20 s + 10 s at the latest. */
export const DEFAULT_TIMING: DockerTiming = {
	answer: 10_000,
	interval: 20_000,
	swarmInterval: 5_000,
	minInterval: 100,
	steady: 3_000,
	backoff: [1_000, 30_000],
};
