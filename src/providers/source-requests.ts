import { FingerpostError } from "../util/errors.js";

/** Types of providers that ask somebody. */
export const ASKING = ["consul", "dns", "docker", "etcd", "kubernetes", "nomad", "sd"] as const;

export type AskingProvider = (typeof ASKING)[number];

interface Counts {
	success: number;
	failure: number;
}

/** Of the whole process: nobody says for whom one asks. */
const COUNTS = Object.fromEntries(ASKING.map((each) => [each, { success: 0, failure: 0 }])) as Record<
	AskingProvider,
	Counts
>;

export function countRequest(provider: AskingProvider, result: keyof Counts): void {
	COUNTS[provider][result]++;
}

/** How often the sources of each type of provider were asked in this process, and with which result. */
export function requestCounts(): Readonly<Record<AskingProvider, Readonly<Counts>>> {
	return COUNTS;
}

interface CountedRequest<A> {
	readonly provider: AskingProvider;
	/** What is ended by who asks counts as nothing; a time-out is a failure. */
	readonly signal: AbortSignal;
	/** Whether the source gave what it was asked for; where it answers at all unless given. */
	readonly accepts?: (answer: A) => boolean;
}

/** Asks, and counts that. */
export async function countedRequest<A>(
	{ provider, signal, accepts = () => true }: CountedRequest<A>,
	ask: () => Promise<A>,
): Promise<A> {
	try {
		const answer = await ask();
		countRequest(provider, accepts(answer) ? "success" : "failure");
		return answer;
	} catch (error) {
		if (!signal.aborted || signal.reason instanceof FingerpostError) countRequest(provider, "failure");
		throw error;
	}
}
