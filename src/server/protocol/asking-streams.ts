import type { HoldingStream } from "./holders.js";
import { type NameState, nameObserver } from "./name-status.js";

/** A stream that asks for the endpoints of a service. */
export interface AskingStream {
	readonly node: string;
	readonly stream: number;
	/** What it has of them. */
	readonly state: NameState;
}

/** Who asks for a service's endpoints, one after the other, and what each has. An empty text is a step without one. */
export function* askingStreams(streams: Iterable<HoldingStream>, name: string): Generator<AskingStream | ""> {
	for (const { id, nodeId, session } of streams) {
		yield "";
		for (const subscription of session.subscriptions) {
			if (subscription.stream.set.type.id !== "eds" || !subscription.wants(name)) continue;
			yield { node: nodeId, stream: id, state: nameObserver(subscription)(name).state };
		}
	}
}
