import type { ResourceSet, Subscriber } from "../cache/resource-set.js";
import { EncodedResource, VersionSum } from "../resources/encoded-resource.js";
import type { ResourceType } from "../resources/resource-type.js";
import type { SotwRequest } from "./discovery-request.js";
import { type Draft, MAX_RESPONSE_BYTES, type Phase } from "./draft.js";
import { type Answer, ResponseLog } from "./response-log.js";
import type { OnDue, Subscription } from "./subscription.js";

/** State of the world: the client sends all names it wants each time, and gets full sets where the type asks for it. */
export class SotwSubscription implements Subscription, Subscriber {
	readonly type: ResourceType;
	readonly log = new ResponseLog();
	readonly #set: ResourceSet;
	readonly #onDue: OnDue;
	#wildcard = false;
	#names = new Set<string>();
	/** Whether an empty list can still mean the old wildcard (R16). */
	#everNamed = false;
	/** Whether the client came with a version: then it may have what is not known here yet. */
	#cameWithVersion = false;
	#started = false;
	/** What changed or was asked for; for complete types the names that changed since the last response. */
	readonly #pending = new Set<string>();
	#since: number | undefined;
	/** Complete types: an answer is due even if nothing changed. */
	#answerDue = false;
	/** What is gone but is still in what the client was sent: it goes last (R18). */
	readonly #leaving = new Map<string, EncodedResource>();

	constructor(set: ResourceSet, onDue: OnDue) {
		this.#set = set;
		this.type = set.type;
		this.#onDue = onDue;
	}

	get wildcard(): boolean {
		return this.#wildcard;
	}

	names(): Iterable<string> {
		return this.#names;
	}

	get pending(): boolean {
		return this.#answerDue || this.#pending.size > 0 || this.#leaving.size > 0;
	}

	receive(request: SotwRequest): Answer | undefined {
		if (!this.#started) {
			this.#started = true;
			this.#cameWithVersion = request.version !== "";
			this.#subscribe(request, true);
			return undefined;
		}
		const { lastNonce } = this.log;
		const repeated = request.nonce === lastNonce && !this.log.isUnanswered(lastNonce);
		const answer = this.log.answer(request.nonce, request.error, request.version);
		// R21: what a stale request wants, the request that follows says again.
		if (lastNonce !== "" && request.nonce !== lastNonce) return answer;
		const changed = this.#subscribe(request, false);
		// R17: a SotW Envoy whose cluster warms again repeats its request unchanged and waits for the answer. A client
		// that rejected the content would only reject it again (R7).
		if (repeated && !changed && !request.error && !this.log.nacked && lastNonce !== "" && !this.type.complete) {
			for (const name of this.#names) this.#pending.add(name);
			if (this.#names.size > 0) this.#onDue();
		}
		return answer;
	}

	changed(name: string, at: number, removed?: EncodedResource): void {
		if (removed && !this.type.complete && !this.type.placeholder) return;
		this.#since ??= at;
		if (removed) {
			this.#pending.delete(name);
			this.#leaving.set(name, removed);
		} else {
			this.#leaving.delete(name);
			this.#pending.add(name);
		}
		this.#onDue();
	}

	resend(name: string): void {
		if (this.type.complete || !this.#names.has(name)) return;
		this.#pending.add(name);
		this.#onDue();
	}

	next(phase: Phase): Draft | undefined {
		if (this.type.complete) return phase === "update" ? this.#nextSet() : this.#finalSet();
		return phase === "update" ? this.#nextChanges() : this.#emptied();
	}

	close(): void {
		this.#set.unsubscribeAll(this);
		for (const name of this.#names) this.#set.unsubscribe(name, this);
		this.#names.clear();
		this.#pending.clear();
		this.#leaving.clear();
	}

	/** @returns whether the request wants something else than the one before it. */
	#subscribe(request: SotwRequest, first: boolean): boolean {
		const names = new Set(request.names);
		const star = names.delete("*");
		if (request.names.length > 0) this.#everNamed = true;
		const wildcard = this.type.wildcard && (star || !this.#everNamed);
		const added = [...names].filter((name) => !this.#names.has(name));
		const removed = [...this.#names].filter((name) => !names.has(name));
		const newlyWildcard = wildcard && !this.#wildcard;

		for (const name of removed) {
			this.#set.unsubscribe(name, this);
			if (!wildcard) this.#forget(name);
		}
		for (const name of added) this.#set.subscribe(name, this);
		this.#names = names;
		if (newlyWildcard) this.#set.subscribeAll(this);
		else if (!wildcard && this.#wildcard) {
			this.#set.unsubscribeAll(this);
			for (const name of this.#pending) if (!names.has(name)) this.#forget(name);
		}
		this.#wildcard = wildcard;

		if (first && wildcard && names.size === 0 && request.version === this.#set.listedVersion) {
			this.log.alreadyHas(request.version);
		} else if (newlyWildcard || added.length > 0) {
			if (this.type.complete) this.#answerDue = true;
			else for (const name of added) this.#pending.add(name);
			this.#onDue();
		}
		return newlyWildcard || added.length > 0 || removed.length > 0;
	}

	#forget(name: string): void {
		this.#pending.delete(name);
		this.#leaving.delete(name);
	}

	/** R22: all that this stream subscribes to; with what is leaving, which goes only after the rest (R18). */
	#nextSet(): Draft | undefined {
		if (!this.#answerDue && this.#pending.size === 0) return undefined;
		const replaced = this.log.sent ? [...this.#pending] : [];
		const draft = this.#completeDraft([...this.#leaving.values()], replaced);
		this.#pending.clear();
		const due = this.#answerDue;
		this.#answerDue = false;
		if (!due && draft.version === this.log.sent?.version) return undefined;
		return draft;
	}

	#finalSet(): Draft | undefined {
		if (this.#leaving.size === 0) return undefined;
		this.#leaving.clear();
		return this.#completeDraft([], []);
	}

	#completeDraft(leaving: readonly EncodedResource[], replaced: readonly string[]): Draft {
		const resources = [...(this.#wildcard ? this.#set.listed() : [])];
		for (const name of this.#names) {
			const resource = this.#set.get(name);
			if (resource && !(this.#wildcard && this.type.listed)) resources.push(resource);
		}
		resources.push(...leaving);
		const since = this.#takeSince();
		const whole = this.#wildcard && this.type.listed && leaving.length === 0;
		const version = whole ? this.#set.listedVersion : sumOf(resources);
		return { version, resources, removed: [], since, replaced };
	}

	/** R23: only what changed or was asked for. */
	#nextChanges(): Draft | undefined {
		const resources: EncodedResource[] = [];
		let bytes = 0;
		for (const name of this.#pending) {
			const resource = this.#resourceFor(name);
			const size = resource?.sotw.byteLength ?? 0;
			if (resources.length > 0 && bytes + size > MAX_RESPONSE_BYTES) break;
			this.#pending.delete(name);
			if (!resource) continue;
			resources.push(resource);
			bytes += size;
		}
		if (resources.length === 0) {
			this.#since = undefined;
			return undefined;
		}
		const since = this.#pending.size > 0 ? this.#since : this.#takeSince();
		return { version: this.#set.version, resources, removed: [], since, replaced: [] };
	}

	/** R20: a service that is gone leaves an empty assignment to those who still ask for it. */
	#emptied(): Draft | undefined {
		if (this.#leaving.size === 0) return undefined;
		const names = [...this.#leaving.keys()];
		this.#leaving.clear();
		const resources = names.map((name) => this.#resourceFor(name)).filter((resource) => resource !== undefined);
		return { version: this.#set.version, resources, removed: [], since: this.#takeSince(), replaced: [] };
	}

	#resourceFor(name: string): EncodedResource | undefined {
		const resource = this.#set.get(name);
		if (resource) return resource;
		const { placeholder, url } = this.type;
		if (!placeholder || name === "") return undefined;
		const mayWait = this.#cameWithVersion || !this.#set.isOverdue(name);
		if (this.#set.isAwaited(name) && mayWait) return undefined;
		return new EncodedResource(url, name, placeholder(name));
	}

	#takeSince(): number | undefined {
		const since = this.#since;
		this.#since = undefined;
		return since;
	}
}

function sumOf(resources: readonly EncodedResource[]): string {
	const sum = new VersionSum();
	for (const resource of resources) sum.add(resource);
	return sum.toString();
}
