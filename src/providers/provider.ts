import type { Endpoint } from "../model/endpoint.js";
import type { Target } from "../model/target.js";
import type { FingerpostError } from "../util/errors.js";

/** Receives what a provider finds out about a watched target. */
export interface TargetObserver {
	/**
	 * An authoritative answer: the full list, `[]` where the source says that there is nothing.
	 * The same list again confirms it; only a difference goes on to clients. The provider must not
	 * change an endpoint after that.
	 */
	endpoints(list: readonly Endpoint[], details?: AnswerDetails): void;
	/** The source failed, or its answer is not authoritative. The last known endpoints stay. */
	failed(error: FingerpostError): void;
}

export interface AnswerDetails {
	/** When the source itself says that the change happened. */
	readonly changedAt?: Date;
	/**
	 * A part of the source has failed and never answered. Clients that have more from before keep
	 * it for a while.
	 */
	readonly partial?: boolean;
	/**
	 * Of a provider that is `live`: the source was asked for everything again, as after a lost
	 * connection, so what has changed since the last answer was not seen to change.
	 */
	readonly anew?: boolean;
	/**
	 * What a user should know; shown among the service's notes. What was left out is told as `WHAT is left
	 * out: WHY`, where WHAT begins with an address or with the source's own object.
	 */
	readonly notes?: readonly string[];
}

export interface ProviderWatchOptions {
	/** Ends the watch. */
	readonly signal: AbortSignal;
	/**
	 * The endpoints in use from an earlier watch of the target; they stay until this watch has
	 * answered.
	 */
	readonly known?: readonly Endpoint[];
	/**
	 * How many endpoints the target may have now. Who tells of more, has failed; a provider may see
	 * that before it makes endpoints of them.
	 */
	readonly maxEndpoints?: () => number;
}

/** A service that a whole registry has. */
export interface FoundService {
	/** Its name there. */
	readonly service: string;
	/** The text of the target by which its endpoints are found. */
	readonly target: string;
	readonly namespace?: string | undefined;
	readonly port?: string | undefined;
	readonly datacenter?: string | undefined;
}

/** Receives which services a whole registry has. */
export interface RegistryObserver {
	/**
	 * An authoritative answer: all services that there are now, `[]` where the source says that there
	 * is none. What is not in it is gone. Who gives the same objects in the same order again costs
	 * little.
	 */
	services(list: readonly FoundService[], details?: Pick<AnswerDetails, "notes">): void;
	/** The source failed, or its answer is not authoritative. The services that were told stay. */
	failed(error: FingerpostError): void;
}

export type DiscoverLimits = Pick<ProviderWatchOptions, "signal" | "maxEndpoints">;

/** Finds the endpoints of the targets of a scheme, and keeps finding them. */
export interface Provider {
	/**
	 * Whether it follows the source's own events, so that it sees what changes as it changes. A
	 * provider that asks again and again does not: what goes all at once is doubted sooner then.
	 */
	readonly live?: boolean;

	/**
	 * Why this provider cannot serve the target, or undefined. No I/O; called when a config is
	 * read.
	 */
	check?(target: Target): string | undefined;

	/**
	 * What can be seen to be missing on this machine without asking the network, in a sentence, such as
	 * a file; `fingerpost validate` warns of it.
	 */
	inspect?(target: Target): Promise<string | undefined>;

	/**
	 * Looks once.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it
	 *   cannot be asked.
	 */
	discover(target: Target, options: DiscoverLimits): Promise<readonly Endpoint[]>;

	/**
	 * Tells the observer the target's endpoints until the signal fires; then frees everything. It
	 * never throws: it tells the observer about a failure, and tries again with a back-off.
	 */
	watch(target: Target, observer: TargetObserver, options: ProviderWatchOptions): void;

	/**
	 * Why the target does not stand for a whole registry that this provider can watch, or undefined.
	 * No I/O.
	 */
	checkAll?(target: Target): string | undefined;

	/**
	 * Tells the observer the services of a whole registry until the signal fires, by the rules of
	 * watch(). A service that goes is told here before its own watch is told that it has no endpoints:
	 * so clients keep what they have of it for the removal grace.
	 */
	watchAll?(target: Target, observer: RegistryObserver, options: { readonly signal: AbortSignal }): void;

	/**
	 * Where each endpoint stands in the source at this moment, by its address (`10.0.0.1:80`), such as a
	 * line: for what is too costly, or too short-lived, to come along as the revision of its origin.
	 */
	locate?(target: Target, options: { readonly signal: AbortSignal }): Promise<ReadonlyMap<string, string>>;

	/** A hint to ask the source again now. The provider's minimum interval limits it. */
	refresh?(target: Target): void;
}
