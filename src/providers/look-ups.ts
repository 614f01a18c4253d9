import { channel } from "node:diagnostics_channel";
import { messageOf } from "../util/errors.js";

/** A question that a source was asked, and what came of it. */
export interface LookUpTrace {
	/** `dns`, `kubernetes`. */
	readonly source: string;
	readonly question: string;
	/** In a few words; undefined where it failed. */
	readonly answer?: unknown;
	readonly error?: string;
	readonly seconds: number;
}

/** What a target's source said: the endpoints, or why there are none. */
export interface AnswerTrace {
	readonly target: string;
	readonly state: string;
	/** How many; undefined where it failed. */
	readonly endpoints?: number;
	/** Whether they differ from the last ones. */
	readonly differs?: boolean;
	readonly notes?: number;
	readonly error?: string;
}

/** Names of Node's diagnostics channels. Whoever asks a source tells it here; it costs nothing while nobody listens. */
export const LOOK_UP_CHANNEL = "fingerpost:look-up";
export const ANSWER_CHANNEL = "fingerpost:answer";

const lookUps = channel(LOOK_UP_CHANNEL);
const answers = channel(ANSWER_CHANNEL);

/** Runs a look-up and tells those who listen what came of it. @param summary the answer in a few words */
export async function tracedLookUp<A>(
	source: string,
	question: string,
	lookUp: () => Promise<A>,
	summary: (answer: A) => unknown,
): Promise<A> {
	if (!lookUps.hasSubscribers) return lookUp();
	const start = performance.now();
	const told = (what: Pick<LookUpTrace, "answer" | "error">) =>
		lookUps.publish({ source, question, ...what, seconds: (performance.now() - start) / 1_000 } satisfies LookUpTrace);
	try {
		const answer = await lookUp();
		told({ answer: summary(answer) });
		return answer;
	} catch (error) {
		told({ error: messageOf(error) });
		throw error;
	}
}

/** Tells those who listen what a target's source said. @param trace made only then */
export function traceAnswer(trace: () => AnswerTrace): void {
	if (answers.hasSubscribers) answers.publish(trace());
}
