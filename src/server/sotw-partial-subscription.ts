import type { EncodedResource } from "../resources/encoded-resource.js";
import { type Draft, MAX_RESPONSE_BYTES, type Phase } from "./draft.js";
import { isPlaceholder, placeholderOf } from "./placeholder.js";
import { resourceErrorBytes } from "./resource-errors.js";
import type { SentResponse } from "./response-log.js";
import type { NamesChange } from "./sotw-names.js";
import { SotwSubscription } from "./sotw-subscription.js";
import type { Suspects } from "./take-answer.js";

/** The stream was sent nothing of that name. */
const NOTHING = "";
/** The stream may have been sent any version of it, or none. */
const UNKNOWN = "?";

/** State of the world of a type whose responses hold what changed or was asked for; absence deletes nothing (R23). */
export class SotwPartialSubscription extends SotwSubscription {
	/** The version that was sent last, of each name that is wanted. */
	readonly #sent = new Map<string, string>();
	/** What changed or was asked for since the last response. */
	readonly #pending = new Set<string>();
	/** Of the pending names those that are sent even if they did not change (R10, R17). */
	readonly #forced = new Set<string>();

	get pending(): boolean {
		return this.#pending.size > 0 || this.refusals.probeDue;
	}

	isDue(name: string): boolean {
		return this.#pending.has(name);
	}

	resend(name: string): void {
		const resource = this.set.get(name);
		// That there is nothing of the name was said before (R38).
		if (!resource && !this.type.placeholder) return;
		if (!this.#sent.has(name) || (resource && this.refusals.isHeld(resource))) return;
		this.#force(name);
		this.onDue();
	}

	heartbeat(): void {
		for (const name of this.wanted) this.resend(name);
	}

	/** A service that is gone leaves an empty assignment (R20), last (R18). */
	next(phase: Phase): Draft | undefined {
		return (phase === "update" ? this.#nextProbe() : undefined) ?? this.#nextChanges(phase);
	}

	override close(): void {
		super.close();
		for (const collection of [this.#sent, this.#pending, this.#forced]) collection.clear();
	}

	protected takeBack({ content, had }: SentResponse): Suspects {
		const suspects = content.resources.filter(({ name, version }, i) => {
			const has = this.log.isOnItsWay(name) ? UNKNOWN : had[i] || UNKNOWN;
			if (this.#sent.get(name) === version) this.#sent.set(name, has);
			return this.#sent.has(name) && this.set.get(name)?.version === version;
		});
		const gone = content.resources.filter((each) => isPlaceholder(this.type, each) && !suspects.includes(each));
		// An empty assignment that came with others was hardly rejected for itself. Alone it is not sent once more.
		if (gone.length < content.resources.length) {
			for (const { name } of gone) if (this.#sent.has(name)) this.#force(name);
		}
		return { suspects, accused: content.resources.length - gone.length };
	}

	protected noteChange(name: string): void {
		this.#pending.add(name);
	}

	protected wantsOther({ added, removed }: NamesChange): void {
		for (const name of removed) {
			this.#sent.delete(name);
			this.#pending.delete(name);
			this.#forced.delete(name);
		}
		for (const name of added) {
			// What was given up and is wanted again may have come in between.
			this.#sent.set(name, this.#sent.get(name) ? UNKNOWN : NOTHING);
			this.#force(name);
		}
		if (added.length > 0) this.onDue();
	}

	#force(name: string): void {
		this.#pending.add(name);
		this.#forced.add(name);
	}

	#nextChanges(phase: Phase): Draft | undefined {
		const had: string[] = [];
		const resources: EncodedResource[] = [];
		const absent: string[] = [];
		let bytes = 0;
		for (const name of this.#pending) {
			const forced = this.#forced.has(name);
			const gone = this.isGone(name);
			if (gone && !forced && phase === "update") continue;
			const resource = this.#resourceFor(name, gone);
			const held = resource !== undefined && this.refusals.isHeld(resource);
			const has = this.#sent.get(name) ?? NOTHING;
			if (resource && !held && (forced || resource.version !== has)) {
				const size = resource.sotw.byteLength;
				if (resources.length + absent.length > 0 && bytes + size > MAX_RESPONSE_BYTES) break;
				this.refusals.release(name);
				resources.push(resource);
				had.push(has);
				bytes += size;
			}
			if (gone && !resource && name !== "") {
				bytes += resourceErrorBytes(name);
				if (resources.length + absent.length > 0 && bytes > MAX_RESPONSE_BYTES) break;
				absent.push(name);
			}
			if ((resource && !held) || gone) {
				this.#sent.set(name, resource?.version ?? NOTHING);
				this.#forced.delete(name);
			}
			this.#pending.delete(name);
		}
		const { since } = this;
		if (this.#pending.size === 0) this.since = undefined;
		if (resources.length + absent.length === 0) return undefined;
		return { version: this.set.version, resources, removed: [], absent, since, replaced: [], had, probe: false };
	}

	/** A part of a rejected response. What has changed since goes like any other change. */
	#nextProbe(): Draft | undefined {
		const resources = this.takeProbe((name) => this.#pending.add(name));
		if (!resources) return undefined;
		const had = resources.map(({ name }) => this.#sent.get(name) ?? NOTHING);
		for (const { name, version } of resources) this.#sent.set(name, version);
		return { version: this.set.version, resources, removed: [], since: undefined, replaced: [], had, probe: true };
	}

	#resourceFor(name: string, gone: boolean): EncodedResource | undefined {
		const resource = this.set.get(name);
		if (resource) return resource;
		const empty = placeholderOf(this.type, name);
		if (gone || !empty) return empty;
		// R41: who has nothing gets an empty assignment for what is not known in time. Nothing that a client has is emptied.
		const has = this.#sent.get(name);
		const hasNothing = !this.cameWithVersion && (has === NOTHING || has === empty.version);
		return hasNothing && this.set.isOverdue(name) ? empty : undefined;
	}
}
