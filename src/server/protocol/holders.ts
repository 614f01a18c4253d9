import { type NameState, nameObserver } from "./name-status.js";
import type { Subscription } from "./subscription/subscription.js";

/** A stream that asks for a service. */
export interface Holder {
	readonly node: string;
	readonly stream: number;
	/** What it has of it, by short type name. */
	readonly types: Readonly<Record<string, NameState>>;
}

/** Who asks for a service, and who has it. */
export interface Holders {
	/** How many streams ask for it, by any type. */
	readonly asking: number;
	/** How many of them have ACKed the newest of all that they ask for. */
	readonly acked: number;
	/** Some of these. */
	readonly having: readonly Holder[];
	/** Some of the others. */
	readonly lacking: readonly Holder[];
}

/** A stream, as far as this goes. */
export interface HoldingStream {
	readonly id: number;
	readonly nodeId: string;
	readonly session: {
		readonly subscriptions: Iterable<Pick<Subscription<never>, "stream" | "wildcard" | "names" | "isDueFor" | "wants">>;
	};
}

/** More of each are only counted. */
const MAX_NAMED = 100;

/** Who asks for the service and who has it, in steps for inSlices(): there may be many streams. */
export function* holdersOf(streams: Iterable<HoldingStream>, name: string): Generator<"", Holders> {
	const [having, lacking]: [Holder[], Holder[]] = [[], []];
	let [asking, acked] = [0, 0];
	for (const { id, nodeId, session } of streams) {
		yield "";
		const types: Record<string, NameState> = {};
		for (const subscription of session.subscriptions) {
			if (subscription.wants(name)) types[subscription.stream.set.type.id] = nameObserver(subscription)(name).state;
		}
		const states = Object.values(types);
		if (states.length === 0) continue;
		asking++;
		const hasAll = states.every((state) => state === "acked");
		if (hasAll) acked++;
		const list = hasAll ? having : lacking;
		if (list.length < MAX_NAMED) list.push({ node: nodeId, stream: id, types });
	}
	return { asking, acked, having, lacking };
}
