import type { EncodedResource } from "../../resources/encoded-resource.js";
import { atOnce } from "../../util/steps.js";
import type { ClientStatus } from "./client-status.js";
import { isGone } from "./rules/awaited.js";
import type { Subscription } from "./subscription/subscription.js";

/**
 * - `acked`: it has the newest version.
 * - `sent`: the newest version is on its way, or not acknowledged yet.
 * - `pending`: the newest version is yet to be sent.
 * - `rejected`: it rejects the newest version; it has the one before, or nothing.
 * - `unknown`: nothing is known of it yet, so nothing is sent (R19).
 * - `missing`: there is nothing of that name.
 */
export type NameState = "acked" | "sent" | "pending" | "rejected" | "unknown" | "missing";

/** What a stream has of one name. */
export interface NameStatus {
	readonly name: string;
	readonly state: NameState;
	/** What is meant: the rejected resource, else the newest one; undefined where there is none. */
	readonly resource: EncodedResource | undefined;
}

/** A client, and what it has of each name of each type. */
export interface ClientDetail {
	readonly status: ClientStatus;
	/** By short type name; looked at when it is reached. */
	names(type: string): Iterable<NameStatus>;
}

export type AnySubscription = Pick<Subscription<never>, "stream" | "wildcard" | "names" | "isDueFor">;

/** The names that a stream asks for, and those that its wildcard lists, in no order. */
export function* nameStatuses(subscription: AnySubscription): Iterable<NameStatus> {
	const look = nameObserver(subscription);
	const named = new Set(subscription.names());
	for (const name of named) yield look(name);
	if (!subscription.wildcard) return;
	for (const { name } of subscription.stream.set.listed()) if (!named.has(name)) yield look(name);
}

/** What a stream has of a name, by what it has said so far. */
export function nameObserver(subscription: AnySubscription): (name: string) => NameStatus {
	const { set, log, nacks } = subscription.stream;
	const { nack } = nacks;
	const inFlight = atOnce(log.inFlightNames());
	const rejected = new Set(nack?.resources);
	return (name) => {
		if (rejected.has(name)) return { name, state: "rejected", resource: nacks.of(name) ?? set.get(name) };
		const resource = set.get(name);
		if (!resource) return { name, state: isGone(set, name) ? "missing" : "unknown", resource };
		if (subscription.isDueFor(name)) return { name, state: "pending", resource };
		return { name, state: inFlight.has(name) ? "sent" : "acked", resource };
	};
}
