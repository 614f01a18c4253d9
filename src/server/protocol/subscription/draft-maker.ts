import type { Draft } from "../../../cache/memo/draft.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import { placeholderOf } from "../../../resources/placeholder.js";
import { nextProbe } from "../acks/next-probe.js";
import type { TypeStream } from "../acks/type-stream.js";
import { standInFor } from "../rules/awaited.js";
import { isToldAtOnce, type Removal, removalOf } from "../rules/removals.js";
import { NOTHING, REJECTED } from "../rules/versions.js";
import type { ClientVersions } from "./client-versions.js";
import type { Debts } from "./debts.js";
import { DraftBuilder } from "./draft-builder.js";
import type { WantedNames } from "./wanted-names.js";

/** Makes responses of what a client is owed, and notes that the client has what is in them. */
export class DraftMaker {
	readonly #stream: TypeStream;
	readonly #names: WantedNames;
	readonly #versions: ClientVersions;
	readonly #debts: Debts;
	/** SotW: the client came with a version, so it may have more than is known here. */
	mayHaveMore = false;

	constructor(stream: TypeStream, names: WantedNames, versions: ClientVersions, debts: Debts) {
		this.#stream = stream;
		this.#names = names;
		this.#versions = versions;
		this.#debts = debts;
	}

	/** What is new or changed, and what was asked for and does not exist. */
	changes(): Draft | undefined {
		const { pending, leaving } = this.#debts;
		const draft = new DraftBuilder(this.#stream.mode);
		for (const name of pending) {
			if (!this.#addUpdate(name, draft)) break;
			pending.delete(name);
		}
		return this.#finish(draft, this.#debts.responseDue && leaving.size === 0);
	}

	/** What the client has and is gone. */
	removals(): Draft | undefined {
		const { leaving } = this.#debts;
		if (leaving.size === 0) return undefined;
		const draft = new DraftBuilder(this.#stream.mode);
		for (const [name, removal] of leaving) {
			// What is unknown by now is not gone (R19).
			const isAwaited = this.#stream.set.isAwaited(name);
			if (!isAwaited && !this.#addRemoval(name, removal, draft)) break;
			leaving.delete(name);
		}
		return this.#finish(draft, this.#debts.responseDue);
	}

	/** A part of a rejected response (R7). What has changed since goes like any other change. */
	probe(): Draft | undefined {
		const wants = (name: string) => this.#names.wants(name);
		const probe = nextProbe(this.#stream, wants, (name) => this.#debts.pending.add(name));
		if (!probe) return undefined;
		const draft = new DraftBuilder(this.#stream.mode);
		for (const resource of probe) {
			draft.add(resource, this.#versions.of(resource.name));
			this.#versions.note(resource.name, resource.version);
		}
		return draft.finish(this.#stream.set.version, { since: undefined, probe: true });
	}

	/**
	 * In place of what the client has rejected the last version that another has ACKed, where it has
	 * nothing else or waits (R7, R17). Nothing else goes with it: a rejection is for it alone.
	 */
	fallbacks(): Draft | undefined {
		const { mode, set, nacks } = this.#stream;
		const draft = new DraftBuilder(mode);
		for (const [name, waits] of nacks.takeStuck()) {
			const has = this.#versions.of(name);
			const fallback = this.#names.wants(name) && (waits || has === REJECTED) ? this.#fallbackFor(name) : undefined;
			if (!fallback) continue;
			if (draft.add(fallback, has)) this.#versions.note(name, fallback.version);
			else nacks.fallBack(name, waits);
		}
		if (draft.isEmpty) return undefined;
		return { ...draft.finish(set.version, { since: undefined, probe: false }), isOwn: true };
	}

	/** @param evenEmpty whether it is sent if there is nothing in it. */
	#finish(draft: DraftBuilder, evenEmpty: boolean): Draft | undefined {
		const since = this.#debts.takeSince();
		if (draft.isEmpty && !evenEmpty) return undefined;
		this.#debts.responseDue = false;
		return draft.finish(this.#stream.set.version, { since, probe: false });
	}

	/** @returns whether there was room. */
	#addUpdate(name: string, draft: DraftBuilder): boolean {
		const { set, nacks } = this.#stream;
		const { forced } = this.#debts;
		const has = this.#versions.of(name);
		const resource = this.#names.wants(name) ? this.#resourceFor(name, has) : undefined;
		const isForced = forced.has(name);
		if (!resource) {
			// What was asked for is still owed, even if the client turns out to have it (R17, R29).
			if (this.#names.wants(name) && set.isAwaited(name)) return true;
			if (!this.#addGone(name, has, isForced, draft)) return false;
		} else if (!nacks.isNacked(resource)) {
			// Otherwise it has changed and changed back.
			if (isForced || resource.version !== has) {
				if (!draft.add(resource, has)) return false;
				nacks.replaced(name);
			}
			this.#versions.note(name, resource.version);
		}
		forced.delete(name);
		return true;
	}

	/** There is nothing of a name that is pending. @returns whether there was room. */
	#addGone(name: string, has: string, asked: boolean, draft: DraftBuilder): boolean {
		const { mode, set } = this.#stream;
		const removal = removalOf(mode, set.type, asked);
		if (isToldAtOnce(mode, asked, has)) return this.#addRemoval(name, removal, draft, asked);
		if (has !== NOTHING) this.#debts.leaving.set(name, removal);
		return true;
	}

	/** @param again whether the client is told even if it knows. @returns whether there was room. */
	#addRemoval(name: string, removal: Removal, draft: DraftBuilder, again = false): boolean {
		const has = this.#versions.of(name);
		const placeholder = removal === "placeholder" ? placeholderOf(this.#stream.set.type, name) : undefined;
		// A service that had no endpoints leaves nothing to say.
		if (placeholder && placeholder.version === has && !again) return true;
		if (!(placeholder ? draft.add(placeholder, has, true) : draft.remove(name, this.#names.has(name)))) return false;
		this.#stream.nacks.release(name);
		// R44: if it comes back with the same content, it is sent again.
		this.#versions.note(name, placeholder?.version ?? NOTHING);
		return true;
	}

	#fallbackFor(name: string): EncodedResource | undefined {
		const { set, nacks } = this.#stream;
		const newest = set.get(name);
		const fallback = newest && nacks.isNacked(newest) ? set.lastAcked(name) : undefined;
		return fallback && nacks.canStandIn(fallback) ? fallback : undefined;
	}

	#resourceFor(name: string, has: string): EncodedResource | undefined {
		const { set } = this.#stream;
		const hasNothing = ({ version }: EncodedResource) => !this.mayHaveMore && (has === NOTHING || has === version);
		return set.get(name) ?? standInFor(set, name, hasNothing);
	}
}
