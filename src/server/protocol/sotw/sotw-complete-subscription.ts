import type { Draft } from "../../../cache/memo/draft.js";
import { type EncodedResource, VersionSum } from "../../../resources/encoded-resource.js";
import type { Suspects } from "../nacks/apply-ack.js";
import type { Ack, SentResponse } from "../response-log.js";
import { AbsentNames } from "../rules/absent-names.js";
import type { Phase } from "../rules/order.js";
import type { NamesChange } from "./sotw-names.js";
import { SotwSubscription } from "./sotw-subscription.js";

/** Versions of a set: the client has none, or an unknown one. */
const NOTHING = "";
const UNKNOWN = "?";
const NONE_AT_ALL = new VersionSum().toString();

/** State of the world of a type whose responses hold the complete set: what is missing is thereby deleted (R22). */
export class SotwCompleteSubscription extends SotwSubscription {
	/** What changed since the last response, with what the client has of it. */
	readonly #pending = new Map<string, EncodedResource | undefined>();
	/** What is gone but is still in what the client was sent. It goes last (R18). */
	readonly #leaving = new Map<string, EncodedResource>();
	/** What the client was told not to exist. */
	readonly #absent = new AbsentNames();
	/** The version of the set that the client has, or will have when it accepts what it was sent. */
	#has = NOTHING;
	/** The version of the set that it has accepted, unless it has asked for something else since. */
	#accepted = NOTHING;
	/** Without what the client rejects there may be something left that it lacks. */
	#recheck = false;
	/** An answer is due even if nothing changed. */
	#responseDue = false;

	get pending(): boolean {
		const { probeDue } = this.nacks;
		const due = this.#responseDue || this.#recheck || this.#pending.size > 0 || this.#leaving.size > 0;
		// What was changed and changed back is not due, but not over either before it was looked at.
		return due || probeDue || this.since !== undefined;
	}

	isDue(name: string): boolean {
		return this.#responseDue || this.#pending.has(name);
	}

	/** Nothing waits for a complete set to be sent again. */
	resend(): void {}

	heartbeat(): void {
		const wantsSome = this.wanted.all || !this.wanted[Symbol.iterator]().next().done;
		if (!wantsSome || this.#has === NONE_AT_ALL) return;
		this.#responseDue = true;
		this.onDue();
	}

	next(phase: Phase): Draft | undefined {
		return phase === "update" ? this.#nextSet() : this.#finalSet();
	}

	override close(): void {
		super.close();
		this.#pending.clear();
		this.#leaving.clear();
	}

	protected override answered(answer: Ack): void {
		if (answer.kind === "ack") this.#accepted = answer.response.version;
		if (this.#recheck) this.onDue();
		super.answered(answer);
	}

	/**
	 * The suspects are what nobody has accepted yet. None, if some of it can be neither left out, which would delete what
	 * the client may have of it, nor replaced by an earlier version.
	 */
	protected takeBack({ content: { resources } }: SentResponse): Suspects {
		if (this.log.inFlight === 0) this.#has = this.#accepted;
		const accused = resources.filter(({ accepted }) => !accepted);
		const suspects = accused.filter(
			({ name, version }) => this.wanted.wants(name) && this.set.get(name)?.version === version,
		);
		const canDoWithout = ({ name }: EncodedResource) => !this.cameWithVersion || this.set.lastAccepted(name);
		if (!suspects.every(canDoWithout)) return { suspects: [], accused: 0 };
		// What goes need not be shown once more to a client that does not have it.
		for (const { name, version } of accused) {
			if (this.#leaving.get(name)?.version === version) this.#leaving.delete(name);
		}
		this.#recheck = accused.length > 0;
		return { suspects, accused: accused.length };
	}

	changed(name: string, at: number, previous: EncodedResource | undefined): void {
		this.since ??= at;
		const held = previous && this.nacks.isNacked(previous) && !this.nacks.isProbed(name);
		const sent = held ? this.set.lastAccepted(name) : this.log.sent ? previous : undefined;
		const has = this.#pending.has(name) ? this.#pending.get(name) : (this.#leaving.get(name) ?? sent);
		if (this.set.get(name)) {
			this.#leaving.delete(name);
			this.#pending.set(name, has);
		} else {
			this.#pending.delete(name);
			if (has) this.#leaving.set(name, has);
			// The client may have a version of it from before the one that it rejected.
			else if (held) this.#pending.set(name, undefined);
		}
		this.onDue();
	}

	protected wantsOther({ added, removed, newlyWildcard, noLongerWildcard }: NamesChange, version?: string): void {
		this.#absent.forget(added);
		if ((noLongerWildcard || removed.size > 0) && !this.wanted.all) {
			for (const due of [this.#pending, this.#leaving]) {
				for (const name of due.keys()) if (!this.wanted.has(name)) due.delete(name);
			}
		}
		const wholeListAlone = newlyWildcard && added.size === 0;
		if (wholeListAlone && version === this.set.listedVersion) {
			this.log.alreadyHas(version);
			this.#has = version;
			this.#accepted = version;
			return;
		}
		this.#accepted = UNKNOWN;
		if (!newlyWildcard && added.size === 0) return;
		this.#responseDue = true;
		this.onDue();
	}

	/** All that this stream subscribes to; with what is leaving, which goes only after the rest (R18). */
	#nextSet(): Draft | undefined {
		const due = this.#responseDue || this.#pending.size > 0;
		// Not both in one, and nothing else on its way: a rejection could be for either.
		const probe = due || this.log.inFlight > 0 ? undefined : this.takeProbe();
		const recheck = this.#recheck && !this.nacks.probeDue;
		if (!due && !probe && !recheck) return undefined;
		if (recheck) this.#recheck = false;
		const { resources, version } = this.#completeSet([...this.#leaving.values()]);
		const changed = [...this.#pending.keys(), ...(probe ?? []).map(({ name }) => name)];
		let replaced = changed.filter((name) => this.set.get(name));
		// R17: what changed while a client was away that comes with another version cannot be told.
		if (!this.log.sent) replaced = this.cameWithVersion ? resources.map(({ name }) => name) : [];
		this.#pending.clear();
		const wanted = this.#responseDue || probe !== undefined || version !== this.#has;
		this.#responseDue = false;
		const { since } = this;
		if (this.#leaving.size === 0) this.since = undefined;
		return wanted ? this.#draft(resources, version, { since, replaced, probe: probe !== undefined }) : this.#nextSet();
	}

	#finalSet(): Draft | undefined {
		const { since } = this;
		this.since = undefined;
		if (this.#leaving.size === 0) return undefined;
		this.#leaving.clear();
		const { resources, version } = this.#completeSet([]);
		return version === this.#has ? undefined : this.#draft(resources, version, { since, replaced: [], probe: false });
	}

	#draft(
		resources: readonly EncodedResource[],
		version: string,
		rest: Pick<Draft, "since" | "replaced" | "probe">,
	): Draft {
		this.#has = version;
		const absent = this.#absent.notYetTold(this.wanted, resources, this.set);
		return { version, resources, removed: [], absent, replacedVersions: [], ...rest };
	}

	#completeSet(leaving: readonly EncodedResource[]): { resources: EncodedResource[]; version: string } {
		const { all } = this.wanted;
		const wanted = all ? this.set.listed() : [...this.wanted].flatMap((name) => this.set.get(name) ?? []);
		const allServed = this.nacks.size === 0;
		const resources = allServed ? [...wanted] : [...wanted].flatMap((resource) => this.#acceptable(resource) ?? []);
		for (const resource of leaving) resources.push(resource);
		const asListed = all && allServed && leaving.length === 0;
		return { resources, version: asListed ? this.set.listedVersion : sumOf(resources) };
	}

	/** What the client gets of a name: of what it rejected the version before, if there is one. */
	#acceptable(resource: EncodedResource): EncodedResource | undefined {
		const { name } = resource;
		if (!this.nacks.isNacked(resource)) {
			this.nacks.release(name);
			return resource;
		}
		return this.nacks.isProbed(name) ? resource : this.set.lastAccepted(name);
	}
}

function sumOf(resources: readonly EncodedResource[]): string {
	const sum = new VersionSum();
	for (const resource of resources) sum.add(resource);
	return sum.toString();
}
