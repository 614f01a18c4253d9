import { type EncodedResource, VersionSum } from "../resources/encoded-resource.js";
import type { ResourceType } from "../resources/resource-type.js";
import { SharedResponses } from "./shared-responses.js";

/** Who is told of changes: what one stream wants of one type. */
export interface Subscriber {
	/**
	 * The resource of that name was added, changed or removed, or what is known of it changed.
	 * @param at when the change was made, in milliseconds of `performance.now()`.
	 * @param previous the resource as it was before, if it was there.
	 */
	changed(name: string, at: number, previous: EncodedResource | undefined): void;
}

const NOBODY: ReadonlySet<Subscriber> = new Set();

/**
 * All resources of one type for one view, and who wants which: a change costs its subscribers, however many resources
 * and streams there are.
 */
export class ResourceSet {
	readonly type: ResourceType;
	/** Responses put together from these resources, shared by the streams that get the same. */
	readonly responses = new SharedResponses();
	readonly #resources = new Map<string, EncodedResource>();
	/** Names of services about which nothing is known yet; true once the sync deadline is over. */
	readonly #awaited = new Map<string, boolean>();
	readonly #sum = new VersionSum();
	readonly #byName = new Map<string, Set<Subscriber>>();
	readonly #wildcard = new Set<Subscriber>();
	readonly #emptyVersion = new VersionSum().toString();

	constructor(type: ResourceType) {
		this.type = type;
	}

	get size(): number {
		return this.#resources.size;
	}

	/** The version of all resources together. */
	get version(): string {
		return this.#sum.toString();
	}

	get(name: string): EncodedResource | undefined {
		return this.#resources.get(name);
	}

	/** Whether nothing is known of the name yet: it is neither there nor absent (R19). */
	isAwaited(name: string): boolean {
		return this.#awaited.has(name);
	}

	/** Whether the name is awaited for longer than the sync deadline. */
	isOverdue(name: string): boolean {
		return this.#awaited.get(name) === true;
	}

	/** What a wildcard stands for. */
	listed(): Iterable<EncodedResource> {
		return this.type.listed ? this.#resources.values() : [];
	}

	/** The version of what a wildcard stands for. */
	get listedVersion(): string {
		return this.type.listed ? this.version : this.#emptyVersion;
	}

	/** Adds or replaces a resource; one of an equal version changes nothing. */
	put(resource: EncodedResource, at: number): void {
		const { name } = resource;
		this.#awaited.delete(name);
		const previous = this.#resources.get(name);
		if (previous?.version === resource.version) return;
		if (previous) this.#sum.subtract(previous);
		this.#resources.set(name, resource);
		this.#sum.add(resource);
		this.#tell(name, at, previous);
	}

	/** Nothing is known of the name yet. */
	await(name: string, overdue: boolean, at: number): void {
		if (this.#awaited.get(name) === overdue) return;
		this.#awaited.set(name, overdue);
		if (overdue) this.#tell(name, at, this.#resources.get(name));
	}

	/** The name does not exist any more. */
	remove(name: string, at: number): void {
		const previous = this.#resources.get(name);
		const awaited = this.#awaited.delete(name);
		if (previous) {
			this.#resources.delete(name);
			this.#sum.subtract(previous);
		}
		if (previous || awaited) this.#tell(name, at, previous);
	}

	/** How many subscriptions are held: 0 once all streams have ended. */
	get subscriptions(): number {
		let count = this.#wildcard.size;
		for (const subscribers of this.#byName.values()) count += subscribers.size;
		return count;
	}

	subscribe(name: string, subscriber: Subscriber): void {
		const subscribers = this.#byName.get(name);
		if (subscribers) subscribers.add(subscriber);
		else this.#byName.set(name, new Set([subscriber]));
	}

	unsubscribe(name: string, subscriber: Subscriber): void {
		const subscribers = this.#byName.get(name);
		if (subscribers?.delete(subscriber) && subscribers.size === 0) this.#byName.delete(name);
	}

	subscribeAll(subscriber: Subscriber): void {
		this.#wildcard.add(subscriber);
	}

	unsubscribeAll(subscriber: Subscriber): void {
		this.#wildcard.delete(subscriber);
	}

	#tell(name: string, at: number, previous: EncodedResource | undefined): void {
		this.responses.clear();
		const wildcard = this.type.listed ? this.#wildcard : NOBODY;
		for (const subscriber of wildcard) subscriber.changed(name, at, previous);
		for (const subscriber of this.#byName.get(name) ?? NOBODY) {
			if (!wildcard.has(subscriber)) subscriber.changed(name, at, previous);
		}
	}
}
