import type { ResourceSet } from "../../cache/resource-set.js";
import type { Outcome, Refusals, Rejection } from "./refusals.js";
import type { Answer, SentResponse } from "./response-log.js";

/** What of a rejected response is still as it was, and how many resources it may have been for. */
export type Suspects = Pick<Rejection, "suspects" | "accused">;

export interface Taker {
	readonly set: ResourceSet;
	readonly refusals: Refusals;
	/** The client does not have what was in the response. @returns what of it is still to be had. */
	takeBack(response: SentResponse): Suspects;
}

/** Draws the conclusions from what a client made of a response: for the search for what it rejects, and for its view. */
export function takeAnswer(answer: Answer | undefined, { set, refusals, takeBack }: Taker): Answer | undefined {
	if (!answer) return undefined;
	const { response, probeSkipped } = answer;
	if (probeSkipped) conclude(set, refusals.probeLost());
	let outcome: Outcome | undefined;
	if (answer.kind === "ack") {
		set.accept(response.content);
		if (response.probe) outcome = refusals.probed(undefined);
		refusals.acked(response.content.resources);
	} else {
		const { resources, removed } = response.content;
		const { suspects, accused } = takeBack(response);
		const names = [...resources.map(({ name }) => name), ...removed];
		outcome = response.probe
			? refusals.probed(answer.error)
			: refusals.add({ version: response.version, names, suspects, accused, error: answer.error });
	}
	conclude(set, outcome);
	return outcome ? { ...answer, outcome } : answer;
}

/** What a client rejects for certain is withheld from its view, if it can be. */
export function conclude(set: ResourceSet, outcome: Outcome | undefined): void {
	for (const resource of outcome?.resources ?? []) set.reject(resource, outcome?.error ?? "");
}
