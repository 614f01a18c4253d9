import type { ResourceSet } from "../../../cache/resource-set.js";
import type { Ack, SentResponse } from "../response-log.js";
import type { NackedResponse, Nacks, Outcome } from "./nacks.js";

/** What of a rejected response is still as it was, and how many resources it may have been for. */
export type Suspects = Pick<NackedResponse, "suspects" | "accused">;

export interface AckContext {
	readonly set: ResourceSet;
	readonly nacks: Nacks;
	/** The client does not have what was in the response. @returns what of it is still to be had. */
	takeBack(response: SentResponse): Suspects;
}

/** Draws the conclusions from what a client made of a response: for the search for what it rejects, and for its view. */
export function applyAck(answer: Ack | undefined, { set, nacks, takeBack }: AckContext): Ack | undefined {
	if (!answer) return undefined;
	const { response, probeSkipped } = answer;
	if (probeSkipped) withhold(set, nacks.probeLost());
	let outcome: Outcome | undefined;
	if (answer.kind === "ack") {
		set.accept(response.content);
		if (response.probe) outcome = nacks.probed(undefined);
		nacks.acked(response.content.resources);
	} else {
		const { resources, removed } = response.content;
		const { suspects, accused } = takeBack(response);
		const names = [...resources.map(({ name }) => name), ...removed];
		outcome = response.probe
			? nacks.probed(answer.error)
			: nacks.add({ version: response.version, names, suspects, accused, error: answer.error });
	}
	withhold(set, outcome);
	return outcome ? { ...answer, outcome } : answer;
}

/** What a client rejects for certain is withheld from its view, if it can be. */
export function withhold(set: ResourceSet, outcome: Outcome | undefined): void {
	for (const resource of outcome?.resources ?? []) set.reject(resource, outcome?.error ?? "");
}
