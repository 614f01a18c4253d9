import { addressOf, type Endpoint, sameEndpoint } from "./endpoint.js";

/** What happened to a list of endpoints; an endpoint is known by its address. */
export interface EndpointDiff {
	readonly added: readonly Endpoint[];
	readonly removed: readonly Endpoint[];
	/** As they are now. */
	readonly changed: readonly Endpoint[];
}

export function diffEndpoints(before: readonly Endpoint[], after: readonly Endpoint[]): EndpointDiff {
	const old = new Map(before.map((e) => [addressOf(e), e]));
	const added: Endpoint[] = [];
	const changed: Endpoint[] = [];
	for (const e of after) {
		const address = addressOf(e);
		const previous = old.get(address);
		old.delete(address);
		if (!previous) added.push(e);
		else if (!sameEndpoint(previous, e)) changed.push(e);
	}
	return { added, removed: [...old.values()], changed };
}
