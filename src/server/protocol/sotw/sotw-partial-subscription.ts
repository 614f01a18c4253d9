import type { LazySubscriber } from "../../../cache/change-feed.js";
import type { Draft } from "../../../cache/memo/draft.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { isPlaceholder, placeholderOf } from "../../../resources/placeholder.js";
import { MAX_RESPONSE_BYTES } from "../../../resources/response-size.js";
import { resourceErrorBytes } from "../../wire/resource-errors.js";
import type { Suspects } from "../nacks/apply-ack.js";
import { ClientVersions, NOTHING, UNKNOWN } from "../owed/client-versions.js";
import { initialDraft } from "../owed/initial-draft.js";
import { type Settling, SharedDrafts } from "../owed/shared-drafts.js";
import type { SentResponse } from "../response-log.js";
import type { Phase } from "../rules/order.js";
import type { NamesChange } from "./sotw-names.js";
import { SotwSubscription } from "./sotw-subscription.js";

/** State of the world of a type whose responses hold what changed or was asked for; absence deletes nothing (R23). */
export class SotwPartialSubscription extends SotwSubscription implements LazySubscriber, Settling {
	readonly #versions = new ClientVersions(this.set);
	readonly #shared = new SharedDrafts("sotw", this.set);
	/** The client has nothing of the names that it wants, all of which are to be answered: as yet that stands nowhere else. */
	#initialDue = false;
	/** What changed or was asked for since the last response. */
	readonly #pending = new Set<string>();
	/** Of the pending names those that are sent even if they did not change (R10, R17). */
	readonly #forced = new Set<string>();

	get pending(): boolean {
		const due = this.#initialDue || this.#pending.size > 0 || this.nacks.probeDue;
		return due || this.cursor?.isBehind === true;
	}

	behind(): void {
		this.onDue();
	}

	isDue(name: string): boolean {
		this.cursor?.read();
		return this.#pending.has(name) || (this.#initialDue && this.wanted.has(name));
	}

	resend(name: string): void {
		this.cursor?.read();
		const resource = this.set.get(name);
		// That there is nothing of the name was said before (R38).
		if (!resource && !this.type.placeholder) return;
		if (!this.wanted.has(name) || (resource && this.nacks.isNacked(resource))) return;
		this.#spellOut();
		this.#force(name);
		this.onDue();
	}

	heartbeat(): void {
		for (const name of this.wanted) this.resend(name);
	}

	/** A service that is gone leaves an empty assignment (R20), last (R18). */
	next(phase: Phase): Draft | undefined {
		if (phase === "update") return this.#nextFirst() ?? this.#nextAsOthers() ?? this.#nextProbe() ?? this.nextChanges();
		return this.#initialDue ? undefined : this.nextChanges(phase);
	}

	#nextAsOthers(): Draft | undefined {
		return this.#shared.next(this.cursor, this.cameWithVersion ? "sotwWithVersion" : "sotw", this);
	}

	get isSettled(): boolean {
		const { size, probeDue } = this.nacks;
		const owes = this.#initialDue || probeDue || this.#pending.size + this.#forced.size + size > 0;
		return !owes && this.#versions.areAllPresent && this.since === undefined;
	}

	override close(): void {
		super.close();
		for (const collection of [this.#versions, this.#pending, this.#forced]) collection.clear();
	}

	protected takeBack({ content, replacedVersions }: SentResponse): Suspects {
		const suspects = content.resources.filter(({ name, version }, i) => {
			const has = this.log.hasInFlight(name) ? UNKNOWN : replacedVersions[i] || UNKNOWN;
			if (!this.wanted.has(name)) return false;
			if (this.#versions.of(name) === version) this.#versions.note(name, has);
			return this.set.get(name)?.version === version;
		});
		const gone = content.resources.filter((each) => isPlaceholder(this.type, each) && !suspects.includes(each));
		// An empty assignment that came with others was hardly rejected for itself. Alone it is not sent once more.
		if (gone.length < content.resources.length) {
			for (const { name } of gone) if (this.wanted.has(name)) this.#force(name);
		}
		return { suspects, accused: content.resources.length - gone.length };
	}

	missed(name: string, at: number, previous: string | undefined): void {
		this.since ??= at;
		if (this.#initialDue) this.#spellOut();
		else this.#versions.changed(name, previous);
		this.#pending.add(name);
		this.onDue();
	}

	changed(name: string, at: number, previous: EncodedResource | undefined): void {
		this.missed(name, at, previous?.version);
	}

	protected wantsOther({ added, again, removed }: NamesChange): void {
		// Almost every stream comes with nothing and asks for a list of names, as others did before it.
		if (added === this.wanted.named && this.log.sent === null && !this.pending) {
			this.#initialDue = added.size > 0;
		} else {
			this.#spellOut();
			for (const name of removed) {
				this.#versions.forget(name);
				this.#pending.delete(name);
				this.#forced.delete(name);
			}
			// What had changed may have been given up.
			if (this.#pending.size === 0) this.since = undefined;
			for (const name of added) {
				// What was given up and is wanted again may have come in between.
				const mayHave = again.has(name) && this.#versions.of(name) !== NOTHING;
				this.#versions.note(name, mayHave ? UNKNOWN : NOTHING);
				this.#force(name);
			}
		}
		if (added.size > 0) this.onDue();
	}

	#nextFirst(): Draft | undefined {
		if (!this.#initialDue) return undefined;
		const answer = initialDraft("sotw", this.set, this.wanted.named);
		// It has all changes up to now in it.
		this.cursor?.skip();
		if (!answer) {
			this.#spellOut();
			return undefined;
		}
		this.#initialDue = false;
		for (const { name, version } of answer.placeholders) this.#versions.note(name, version);
		return answer.draft;
	}

	#spellOut(): void {
		if (!this.#initialDue) return;
		this.#initialDue = false;
		// It has nothing, whatever has changed up to now.
		this.cursor?.skip();
		for (const name of this.wanted.named) {
			this.#versions.note(name, NOTHING);
			this.#force(name);
		}
	}

	#force(name: string): void {
		this.#pending.add(name);
		this.#forced.add(name);
	}

	nextChanges(phase: Phase = "update"): Draft | undefined {
		this.cursor?.read();
		const replacedVersions: string[] = [];
		const resources: EncodedResource[] = [];
		const absent: string[] = [];
		let bytes = 0;
		for (const name of this.#pending) {
			const forced = this.#forced.has(name);
			const gone = this.isGone(name);
			if (gone && !forced && phase === "update") continue;
			const resource = this.#resourceFor(name, gone);
			const held = resource !== undefined && this.nacks.isNacked(resource);
			const has = this.#versions.of(name);
			if (resource && !held && (forced || resource.version !== has)) {
				const size = resource.sotw.byteLength;
				if (resources.length + absent.length > 0 && bytes + size > MAX_RESPONSE_BYTES) break;
				this.nacks.release(name);
				resources.push(resource);
				replacedVersions.push(has);
				bytes += size;
			}
			if (gone && !resource && name !== "") {
				bytes += resourceErrorBytes(name);
				if (resources.length + absent.length > 0 && bytes > MAX_RESPONSE_BYTES) break;
				absent.push(name);
			}
			if ((resource && !held) || gone) {
				this.#versions.note(name, resource?.version ?? NOTHING);
				this.#forced.delete(name);
			}
			this.#pending.delete(name);
		}
		const { since } = this;
		if (this.#pending.size === 0) this.since = undefined;
		if (resources.length + absent.length === 0) return undefined;
		return {
			version: this.set.version,
			resources,
			removed: [],
			absent,
			since,
			replaced: [],
			replacedVersions,
			probe: false,
		};
	}

	/** A part of a rejected response. What has changed since goes like any other change. */
	#nextProbe(): Draft | undefined {
		if (this.nacks.probeDue) this.cursor?.read();
		const resources = this.takeProbe((name) => this.#pending.add(name));
		if (!resources) return undefined;
		const replacedVersions = resources.map(({ name }) => this.#versions.of(name));
		for (const { name, version } of resources) this.#versions.note(name, version);
		return {
			version: this.set.version,
			resources,
			removed: [],
			since: undefined,
			replaced: [],
			replacedVersions,
			probe: true,
		};
	}

	#resourceFor(name: string, gone: boolean): EncodedResource | undefined {
		const resource = this.set.get(name);
		if (resource) return resource;
		const empty = placeholderOf(this.type, name);
		if (gone || !empty) return empty;
		// R41: who has nothing gets an empty assignment for what is not known in time. Nothing that a client has is emptied.
		const has = this.#versions.of(name);
		const hasNothing = !this.cameWithVersion && (has === NOTHING || has === empty.version);
		return hasNothing && this.set.isOverdue(name) ? empty : undefined;
	}
}
