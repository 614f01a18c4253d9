import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { placeholderOf } from "../../../resources/placeholder.js";
import { DeltaDraft } from "../../wire/delta-draft.js";
import { withhold } from "../nacks/apply-ack.js";
import type { Nacks } from "../nacks/nacks.js";
import { NOTHING } from "../owed/client-versions.js";
import { initialDraft } from "../owed/initial-draft.js";
import { type Settling, SharedDrafts } from "../owed/shared-drafts.js";
import type { Phase } from "../rules/order.js";
import type { DeltaState } from "./delta-state.js";

/** Finds the next response to a delta client, and notes that it has what is in it. */
export class DeltaResponses implements Settling {
	readonly #set: ResourceSet;
	readonly #state: DeltaState;
	readonly #nacks: Nacks;
	readonly #shared: SharedDrafts;

	constructor(set: ResourceSet, state: DeltaState, nacks: Nacks) {
		this.#set = set;
		this.#state = state;
		this.#nacks = nacks;
		this.#shared = new SharedDrafts("delta", set);
	}

	next(phase: Phase): Draft | undefined {
		if (phase === "update") {
			return this.#nextFirst() ?? this.#shared.next(this.#state.cursor, "delta", this) ?? this.nextChanges();
		}
		if (this.#state.initialDue) return undefined;
		this.#state.cursor?.read();
		return this.#nextRemovals();
	}

	get isSettled(): boolean {
		const { size, probeDue } = this.#nacks;
		return this.#state.isSettled && size === 0 && !probeDue;
	}

	#nextFirst(): Draft | undefined {
		if (!this.#state.initialDue) return undefined;
		const answer = initialDraft("delta", this.#set, this.#state.named.first);
		// It has all changes up to now in it.
		this.#state.cursor?.skip();
		if (answer) this.#state.answered();
		else this.#state.spellOut();
		return answer?.draft;
	}

	/** A part of a rejected response. What has changed since goes like any other change. */
	#nextProbe(): Draft | undefined {
		for (let probe = this.#nacks.takeProbe(); probe; probe = this.#nacks.takeProbe()) {
			const draft = new DeltaDraft();
			for (const name of probe) {
				const resource = this.#state.wants(name) ? this.#set.get(name) : undefined;
				if (resource && this.#nacks.isNacked(resource)) {
					const has = this.#state.versionOf(name);
					draft.add(resource, has);
					if (has !== NOTHING) draft.replaced.push(name);
					this.#state.setVersion(name, resource.version);
				} else {
					this.#nacks.release(name);
					if (resource) this.#state.pending.add(name);
				}
			}
			const { resources, replaced, replacedVersions } = draft;
			const { version } = this.#set;
			if (!draft.isEmpty)
				return { version, resources, removed: [], since: undefined, replaced, replacedVersions, probe: true };
			withhold(this.#set, this.#nacks.probeSkipped());
		}
		return undefined;
	}

	nextChanges(): Draft | undefined {
		this.#state.cursor?.read();
		const probe = this.#nextProbe();
		if (probe) return probe;
		this.#state.cursor?.read();
		const draft = new DeltaDraft();
		for (const name of this.#state.pending) {
			const wants = this.#state.wants(name);
			const has = wants ? this.#state.versions.of(name) : NOTHING;
			const resource = wants ? this.#resourceFor(name, has) : undefined;
			const forced = this.#state.forced.has(name);
			if (resource && this.#nacks.isNacked(resource)) {
				// R7: it was rejected as it is.
			} else if (resource && (forced || resource.version !== has)) {
				if (!draft.add(resource, has)) break;
				this.#nacks.release(name);
				if (has !== NOTHING) draft.replaced.push(name);
				if (resource === this.#set.get(name)) this.#state.versions.isPresent(name);
				else this.#state.versions.note(name, resource.version);
			} else if (wants && this.#set.isAwaited(name)) {
				// What was asked for is owed still, even if it turns out to be what the client has (R17, R29).
				this.#state.pending.delete(name);
				continue;
			} else if (!resource) {
				// R31: at once where the client only asked; what it has goes after everything new (R18). Without its assignment
				// Envoy would keep the old endpoints, so a service that is gone leaves an empty one (R20).
				if (has !== NOTHING)
					this.#state.leaving.set(name, this.#set.type.placeholder && !forced ? "placeholder" : "removed");
				else if (forced && !draft.remove(name)) break;
			} else {
				// It changed and changed back.
				this.#state.versions.note(name, has);
			}
			this.#state.pending.delete(name);
			this.#state.forced.delete(name);
		}
		if (draft.isEmpty && (!this.#state.responseDue || this.#state.leaving.size > 0)) {
			if (this.#state.leaving.size === 0) this.#state.since = undefined;
			return undefined;
		}
		return this.#finish(draft);
	}

	#nextRemovals(): Draft | undefined {
		if (this.#state.leaving.size === 0) return undefined;
		const draft = new DeltaDraft();
		for (const [name, how] of this.#state.leaving) {
			const placeholder = how === "placeholder" ? placeholderOf(this.#set.type, name) : undefined;
			// A service that had no endpoints leaves nothing to say, and one that is unknown by now is not gone (R19).
			if (!this.#set.isAwaited(name) && placeholder?.version !== this.#state.versionOf(name)) {
				if (!(placeholder ? draft.add(placeholder, this.#state.versionOf(name)) : draft.remove(name))) break;
				this.#state.setVersion(name, placeholder?.version ?? NOTHING);
			}
			this.#state.leaving.delete(name);
		}
		if (draft.isEmpty && !this.#state.responseDue) {
			this.#state.since = undefined;
			return undefined;
		}
		return this.#finish(draft);
	}

	#finish({ resources, removed, replaced, replacedVersions }: DeltaDraft): Draft {
		this.#state.responseDue = false;
		const absent = removed.filter((name) => name !== "" && this.#state.named.has(name));
		const since = this.#state.takeSince();
		return { version: this.#set.version, resources, removed, absent, since, replaced, replacedVersions, probe: false };
	}

	#resourceFor(name: string, has: string): EncodedResource | undefined {
		const resource = this.#set.get(name);
		if (resource) return resource;
		// R41: who has nothing gets an empty assignment for what is not known in time. Nothing that a client has is emptied.
		if (!this.#set.isOverdue(name)) return undefined;
		const empty = placeholderOf(this.#set.type, name);
		return has === NOTHING || has === empty?.version ? empty : undefined;
	}
}
