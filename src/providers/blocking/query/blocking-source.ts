import type { Endpoint } from "../../../model/endpoint.js";
import { SourceFailed } from "../../../util/errors.js";

/** The options of a query, by the source's names for them. */
export type Parameters = Readonly<Record<string, string | undefined>>;

export interface Blocking {
	/** Answers when the index is above this; 0: at once. */
	readonly index: number;
	/** Milliseconds until it answers in any case; the source adds up to a sixteenth. */
	readonly wait: number;
}

/** What a source said, and how far it is to be believed. */
export interface Reply {
	readonly index: number;
	/** Something was left out because the token may not read it. */
	readonly filtered: boolean;
	/** A server that has lost its leader gave the list: it may be from before anything was there. */
	readonly leaderless: boolean;
	/** Whether what may not be read is left out without a word. */
	readonly denies: boolean;
}

/** What a source said of a service. */
export interface ServiceReply<Entry> extends Reply {
	readonly entries: readonly Entry[];
}

/** The names of all services, with the tags that some instance has. */
export interface ServicesReply extends Reply {
	readonly services: ReadonlyMap<string, readonly string[]>;
}

/** A check that does not pass, of a service's instance or, without one, of a node. */
export interface FailingCheck {
	readonly node: string;
	readonly service: string;
	readonly status: string;
}

/** The checks that do not pass, by what tells them apart. */
export interface ChecksReply extends Reply {
	readonly failing: ReadonlyMap<string, FailingCheck>;
}

/** What instances come to. */
export interface EndpointsRead {
	readonly endpoints: readonly Endpoint[];
	/** What was left out, and why. */
	readonly notes: readonly string[];
}

/** How a query is asked. */
export interface Asking extends Blocking {
	readonly parameters: Parameters;
}

/** A source that is asked by blocking queries. All calls throw SourceFailed, and the signal's reason once it fires. */
export interface BlockingSource<Entry> {
	/** Its name in messages. */
	readonly name: string;
	readonly address: string;
	/** Whether a service's index is that of its own last change, and not of any service's. */
	readonly ownIndexes: boolean;
	/** Keeps connections until the holder lets go. */
	hold(): () => void;
	/**
	 * The instances of a service, once there is something new; more than `most` are a failure.
	 * @throws QueryBroke while it waits for that, too.
	 */
	service(
		service: string,
		asking: Asking & { readonly most: number },
		signal: AbortSignal,
	): Promise<ServiceReply<Entry>>;
	/** All services and their tags, likewise. Its index rises with each change of an instance. */
	services(asking: Asking, signal: AbortSignal): Promise<ServicesReply>;
	/** The checks that do not pass, likewise; absent where an instance's health is no part of a service. */
	checks?(asking: Asking, signal: AbortSignal): Promise<ChecksReply>;
	/** The node of an instance. */
	readonly nodeOf: (entry: Entry) => string;
	/** Whether the token may read the service; undefined where the source does not tell. */
	mayRead?(service: string, parameters: Parameters, signal: AbortSignal): Promise<boolean | undefined>;
	/** What to allow, so that the service can be read. */
	rightsFor?(service: string): string;
	/** The datacenter of who is asked; undefined where it does not tell. */
	datacenter?(signal: AbortSignal): Promise<string | undefined>;
}

/** An agent or the way to it failed, whatever it is asked. */
export class AgentUnreachable extends SourceFailed {}

/** The connection broke while a query waited for something new: the agent may be back, with other indexes. */
export class QueryBroke extends SourceFailed {}
