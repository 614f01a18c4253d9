import type { Endpoint } from "../model/endpoint.js";
import type { Target } from "../model/target.js";
import type { FingerpostError } from "../util/errors.js";

/** What a provider tells of a target that it watches. */
export interface TargetObserver {
	/**
	 * An authoritative answer: the full list, `[]` where the source says that there is nothing. It may be called again
	 * with the same list, which says that the source was heard; only a difference travels on. An endpoint that was given is not
	 * to be changed after that.
	 */
	endpoints(list: readonly Endpoint[], details?: AnswerDetails): void;
	/** The source failed or its answer is not authoritative: the last known endpoints stay. */
	failed(error: FingerpostError): void;
}

export interface AnswerDetails {
	/** When the source itself says that the change happened. */
	readonly changedAt?: Date;
	/** Something of it has never been heard of and fails; clients that have more from before keep it for a while. */
	readonly partial?: boolean;
	/** What a user should know, such as what was left out and why; shown among the service's notes. */
	readonly notes?: readonly string[];
}

export interface ProviderWatchOptions {
	/** Ends the watch. */
	readonly signal: AbortSignal;
	/** What is in use for the target since another watch of it; it stays until this one has answered. */
	readonly known?: readonly Endpoint[];
}

/** Finds the endpoints of the targets of a scheme, and keeps finding them. */
export interface Provider {
	/**
	 * Why the target's text is not one that this provider can serve, or undefined. No I/O; called when a config is read.
	 */
	check?(target: Target): string | undefined;

	/**
	 * Looks once.
	 * @throws ServiceNotFound if the source says that there is no such service, SourceFailed if it cannot be asked.
	 */
	discover(target: Target, options: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]>;

	/**
	 * Tells the observer what the target's endpoints are, until the signal fires; then everything is freed. It never
	 * throws: what goes wrong is told to the observer, and tried again with a back-off.
	 */
	watch(target: Target, observer: TargetObserver, options: ProviderWatchOptions): void;

	/** A hint to look again now, taken no more often than the provider's minimum interval. */
	refresh?(target: Target): void;
}
