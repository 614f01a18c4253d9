import type { Openness } from "../catalog/discover/discovered-services.js";
import { type EncodedResource, VersionSum } from "../resources/encoded-resource.js";
import type { ResourceType } from "../resources/resource-type.js";
import type { View } from "../resources/view.js";
import type { Steps } from "../util/steps.js";
import type { Cursor, Subscriber } from "./change-feed.js";
import { GeneratedResources } from "./generated-resources.js";
import { LastAcked } from "./last-acked.js";
import type { ResponseContent } from "./memo/encoded-responses.js";
import { Memos } from "./memo/memos.js";
import { type Scope, WHOLE } from "./scope.js";
import { SubscriberIndex } from "./subscriber-index.js";

/** All resources of one type for one view, place and scope, and who subscribes to which. A change costs only its subscribers. */
export class ResourceSet {
	readonly type: ResourceType;
	/** The names that there may be in it. */
	readonly scope: Scope;
	/** What streams share of these resources. */
	readonly memos = new Memos();
	/** Whether some client was sent a complete set in state of the world. */
	#isSentWhole = false;
	readonly #resources = new Map<string, EncodedResource>();
	/** Names of services about which nothing is known yet; true once the sync deadline is over. */
	readonly #awaited = new Map<string, boolean>();
	#openness: Openness = "closed";
	readonly #sum = new VersionSum();
	readonly #index = new SubscriberIndex();
	readonly #wildcard = new Set<Subscriber>();
	readonly #emptyVersion = new VersionSum().toString();
	readonly #lastAcked = new LastAcked();
	readonly #generated: GeneratedResources;

	constructor(type: ResourceType, view: View = "envoy", scope = WHOLE) {
		this.type = type;
		this.scope = scope;
		this.#generated = new GeneratedResources(type, view);
	}

	get size(): number {
		return this.#resources.size;
	}

	get version(): string {
		return this.#sum.toString();
	}

	get(name: string): EncodedResource | undefined {
		const resource = this.#resources.get(name);
		if (resource || !this.type.generated || this.scope.isEmpty) return resource;
		return this.#generated.get(name, this.#index.has(name));
	}

	/** As get(), and generates nothing. */
	known(name: string): EncodedResource | undefined {
		return this.#resources.get(name) ?? this.#generated.kept(name);
	}

	/** Whether there is a resource of the name; nothing is generated for it. */
	exists(name: string): boolean {
		return this.#resources.has(name) || (!this.scope.isEmpty && this.#generated.has(name));
	}

	/** Whether the resource of the name is none that is generated. */
	holds(name: string): boolean {
		return this.#resources.has(name);
	}

	/** All names of which something is known, or awaited. */
	names(): Iterable<string> {
		return new Set([...this.#resources.keys(), ...this.#awaited.keys()]);
	}

	/** As isOverdue(); undefined if the name is not awaited by itself. */
	overdueOf(name: string): boolean | undefined {
		return this.#awaited.get(name);
	}

	/** Whether the name has this version and is not awaited. */
	has(name: string, version: string): boolean {
		return this.#resources.get(name)?.version === version && !this.#awaited.has(name);
	}

	/** Whether nothing is known of the name yet: it is neither there nor absent (R19). */
	isAwaited(name: string): boolean {
		return this.#awaited.has(name) || (this.#openness !== "closed" && !this.known(name));
	}

	/** Whether the name has been awaited for longer than the sync deadline (R41). */
	isOverdue(name: string): boolean {
		return this.#awaited.get(name) ?? (this.#openness === "overdue" && !this.known(name));
	}

	get openness(): Openness {
		return this.#openness;
	}

	setOpenness(openness: Openness, at: number): void {
		if (openness === this.#openness) return;
		this.#openness = openness;
		this.memos.clear();
		if (openness === "open") return;
		for (const name of this.#index.names()) if (!this.known(name)) this.#index.tell(name, at, undefined);
		for (const subscriber of this.#wildcard) subscriber.settled?.(at);
	}

	listed(): Iterable<EncodedResource> {
		return this.type.listed ? this.#resources.values() : [];
	}

	/**
	 * Makes ready what a complete set is put together from, in steps; what is added later is made ready then.
	 * @param names all that a wildcard stands for unless given.
	 */
	*prepareWhole(names?: Iterable<string>): Steps<void> {
		for (const each of names ?? this.listed()) {
			const resource = typeof each === "string" ? this.known(each) : each;
			resource?.makeSotw();
			yield;
		}
		this.#isSentWhole = true;
	}

	get listedVersion(): string {
		return this.type.listed ? this.version : this.#emptyVersion;
	}

	/** Adds or replaces a resource; one of an equal version changes nothing. */
	put(resource: EncodedResource, at: number): void {
		const { name } = resource;
		if (this.#awaited.delete(name)) this.memos.clear();
		const previous = this.#resources.get(name);
		if (previous?.version === resource.version) return;
		this.#lastAcked.replaced(previous, resource);
		if (previous) this.#sum.subtract(previous);
		this.#resources.set(name, resource);
		this.#sum.add(resource);
		if (this.#isSentWhole) resource.makeSotw();
		this.#tell(name, at, previous);
	}

	/** A client has ACKed these resources. It changes nothing for others (R7). */
	accept(content: ResponseContent): void {
		if (content.accepted) return;
		content.accepted = true;
		for (const resource of content.resources) {
			if (resource.accepted) continue;
			resource.accepted = true;
			this.#lastAcked.acked(resource, this.#resources.get(resource.name));
		}
	}

	/** The last version that a client has ACKed, where that is not the newest one. */
	lastAcked(name: string): EncodedResource | undefined {
		return this.#lastAcked.get(name);
	}

	/** Nothing is known of the name yet. */
	await(name: string, overdue: boolean, at: number): void {
		if (this.#awaited.get(name) === overdue) return;
		this.#awaited.set(name, overdue);
		this.memos.clear();
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
		// Those who are told may still look at it (R18).
		this.#lastAcked.forget(name);
	}

	/** How many subscriptions there are: 0 once all streams have ended. */
	get subscriptions(): number {
		return this.#wildcard.size + this.#index.size;
	}

	/** Who asks for which names. */
	get asking(): Pick<SubscriberIndex, "changes" | "count"> {
		return this.#index;
	}

	get generated(): number {
		return this.#generated.size;
	}
	subscribedNames(): Iterable<string> {
		return this.#index.names();
	}

	subscribe(name: string, subscriber: Subscriber): void {
		this.#index.add(name, subscriber);
	}

	unsubscribe(name: string, subscriber: Subscriber): void {
		if (this.#index.delete(name, subscriber)) this.#forgetGenerated(name);
	}

	/** Subscribes to names that are many and may change, besides those that were subscribed to by themselves. */
	subscribeMany(names: ReadonlySet<string>, subscriber: Subscriber): void {
		this.#index.ask(names, subscriber);
	}

	/** Ends what subscribeMany() began. @param names those of then. */
	unsubscribeMany(names: ReadonlySet<string>, subscriber: Subscriber): void {
		this.#index.doNotAsk(subscriber);
		for (const name of this.#generated.among(names)) this.#forgetGenerated(name);
	}

	/** One of many names is no longer among them. */
	droppedOfMany(name: string): void {
		this.#forgetGenerated(name);
	}

	/** Subscribes to all of the names at once. @returns its cursor in the feed, which streams with the same Set share. */
	follow(names: ReadonlySet<string>, subscriber: Subscriber): Cursor {
		return this.#index.follow(names, subscriber);
	}

	unfollow(names: ReadonlySet<string>, cursor: Cursor): void {
		if (this.#index.leave(names, cursor)) for (const name of this.#generated.among(names)) this.#forgetGenerated(name);
	}

	subscribeAll(subscriber: Subscriber): void {
		this.#wildcard.add(subscriber);
	}

	unsubscribeAll(subscriber: Subscriber): void {
		this.#wildcard.delete(subscriber);
	}

	#tell(name: string, at: number, previous: EncodedResource | undefined): void {
		this.memos.clear();
		this.#index.tell(name, at, previous);
		if (!this.type.listed) return;
		const asked = this.#index.has(name);
		for (const subscriber of this.#wildcard) {
			if (!asked || !this.#index.tells(name, subscriber)) subscriber.changed(name, at, previous);
		}
	}

	#forgetGenerated(name: string): void {
		if (!this.#index.has(name)) this.#generated.forget(name);
	}
}
