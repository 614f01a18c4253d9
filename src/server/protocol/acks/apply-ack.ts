import type { NackedResponse, Outcome } from "./nacks.js";
import type { Ack, SentResponse } from "./response-log.js";
import type { TypeStream } from "./type-stream.js";

/** What of a rejected response is still as it was, and how many resources it may have been for. */
export type Suspects = Pick<NackedResponse, "suspects" | "accused">;

/** The client does not have what was in the response. @returns what of it is still to be had. */
export type TakeBack = (response: SentResponse) => Suspects;

/**
 * Draws the conclusions from an ACK or NACK. A NACK concerns its stream alone; of an ACK others get
 * to know, who may fall back to what was ACKed (R7).
 */
export function applyAck(
	ack: Ack | undefined,
	{ set, nacks }: Pick<TypeStream, "set" | "nacks">,
	takeBack: TakeBack,
): Ack | undefined {
	if (!ack) return undefined;
	const { response, probeSkipped } = ack;
	if (probeSkipped) nacks.probeLost();
	let outcome: Outcome | undefined;
	if (ack.kind === "ack") {
		set.accept(response.content);
		if (response.probe) outcome = nacks.probed(undefined);
		nacks.acked(response.content.resources);
	} else {
		const { resources, removed } = response.content;
		const { suspects, accused } = takeBack(response);
		const names = [...resources.map(({ name }) => name), ...removed];
		outcome = response.probe
			? nacks.probed(ack.error)
			: nacks.add({ version: response.version, names, suspects, accused, error: ack.error });
	}
	return outcome ? { ...ack, outcome } : ack;
}
