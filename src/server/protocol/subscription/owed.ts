import type { LazySubscriber } from "../../../cache/change-feed.js";
import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import type { EncodedResource } from "../../../resources/encoded-resource.js";
import type { Steps } from "../../../util/steps.js";
import type { Suspects } from "../acks/apply-ack.js";
import type { SentResponse } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import { broughtVersion } from "../rules/initial-versions.js";
import type { Phase } from "../rules/order.js";
import { NOTHING } from "../rules/versions.js";
import { ClientVersions } from "./client-versions.js";
import { Debts } from "./debts.js";
import { DraftMaker } from "./draft-maker.js";
import { initialDraft } from "./initial-draft.js";
import { sharedDraft } from "./shared-draft.js";
import { takeBack } from "./take-back.js";
import type { WantedNames, WantedNamesClass } from "./wanted-names.js";

/**
 * What a client that asks for names has of them, and what it is owed: SotW of types that are no complete sets (R23), and
 * delta. How a request is read is the affair of each variant; what is not said of a method stands at Subscription.
 */
export class Owed<Names extends WantedNames> implements LazySubscriber {
	readonly names: Names;
	readonly #stream: TypeStream;
	readonly #versions: ClientVersions;
	readonly #debts = new Debts();
	readonly #maker: DraftMaker;
	/** The client has nothing of the followed names and is to get them all. */
	#initialDue = false;

	constructor(stream: TypeStream, Names: WantedNamesClass<Names>) {
		this.#stream = stream;
		this.names = new Names(stream.set, this);
		this.#versions = new ClientVersions(stream.set, this.names);
		this.#maker = new DraftMaker(stream, this.names, this.#versions, this.#debts);
	}

	get isDue(): boolean {
		const due = this.#initialDue || this.#debts.areDue || this.#stream.nacks.isDue;
		return due || this.names.cursor?.isBehind === true;
	}

	isDueFor(name: string): boolean {
		this.names.cursor?.read();
		return this.#debts.pending.has(name) || (this.#initialDue && this.names.has(name));
	}

	hasAcked(name: string): boolean {
		const { set, log } = this.#stream;
		if (this.#initialDue || !this.names.wants(name)) return false;
		this.names.cursor?.read();
		const newest = set.get(name);
		return newest !== undefined && this.#versions.of(name) === newest.version && !log.hasInFlight(name);
	}

	get isIdle(): boolean {
		return !this.isDue && this.#stream.log.inFlight === 0 && this.#stream.nacks.size === 0;
	}

	mayHaveMore(): void {
		this.#maker.mayHaveMore = true;
	}

	/** The client asks for the followed names, MAX_WORK at most. Only where it wants nothing else and is idle. */
	askInitial(): void {
		this.#initialDue = true;
	}

	/** The client asks for the name: it is sent whatever it has (R10, R29). @param has the version that it has. */
	ask(name: string, has: string): void {
		this.#upToDate();
		this.#versions.note(name, has);
		this.#stream.nacks.release(name);
		this.#debts.force(name);
	}

	/** The client says that it has the version (R30). @param waits whether it waits for it all the same (R17). */
	bring(name: string, version: string, waits = false): void {
		this.#upToDate();
		this.#versions.note(name, version);
		const is = this.names.wants(name) ? broughtVersion(this.#stream.set, name, version) : "gone";
		// A wildcard in the same request may have counted it as gone.
		this.#debts.cancel(name);
		if (is === "gone") this.#debts.leaving.set(name, "removed");
		else if (waits) this.#debts.force(name);
		else if (is === "outdated") this.#debts.pending.add(name);
	}

	/** By a wildcard: it gets a response even if there is nothing (R19, R46). */
	askResponse(): void {
		this.#upToDate();
		this.#debts.responseDue = true;
	}

	/** The client does not want the name any more, or has forgotten it. */
	forget(name: string): void {
		this.#upToDate();
		this.#versions.forget(name);
		this.#stream.nacks.release(name);
		this.#debts.cancel(name);
	}

	*forgetUnwanted(): Steps<void> {
		this.#upToDate();
		this.#debts.responseDue = false;
		const kept = new Set([...this.#debts.names(), ...this.#versions.different(), ...this.#stream.nacks.names()]);
		for (const name of kept) {
			yield;
			if (!this.names.wants(name)) this.forget(name);
		}
	}

	/** Sends the resource again though it has not changed, if it was asked for; where it is rejected, a fallback. */
	resend(name: string): void {
		if (!this.names.has(name)) return;
		this.#upToDate();
		const { set, nacks } = this.#stream;
		const resource = set.get(name);
		if (resource && nacks.isNacked(resource)) nacks.fallBack(name, true);
		else this.#debts.force(name);
		this.#stream.onDue();
	}

	versionOf(name: string): string {
		this.#upToDate();
		return this.#versions.of(name);
	}

	/** What it has and is told nothing of. */
	*held(): Iterable<readonly [name: string, version: string]> {
		this.#upToDate();
		const { pending, leaving } = this.#debts;
		for (const held of this.#versions.held()) if (!pending.has(held[0]) && !leaving.has(held[0])) yield held;
	}

	doubtAll(): void {
		this.#upToDate();
		this.#versions.doubtAll();
	}

	/** The client has rejected a response. @returns what of it is still to be had. */
	takeBack(rejected: SentResponse): Suspects {
		this.#upToDate();
		this.#stream.log.correctLater(rejected);
		return takeBack(rejected, this.#stream, this.names, this.#versions, this.#debts, this.#maker.mayHaveMore);
	}

	moveTo(set: ResourceSet, differing: readonly string[], at: number): void {
		if (!this.#initialDue) {
			this.#upToDate();
			for (const name of differing) this.missed(name, at, this.#stream.set.get(name)?.version);
		}
		this.names.moveTo(set);
		this.#versions.moveTo(set);
		this.#stream.set = set;
	}

	changed(name: string, at: number, previous: EncodedResource | undefined): void {
		this.missed(name, at, previous?.version);
		this.#stream.onDue();
	}

	settled(at: number): void {
		for (const name of this.#versions.absent()) this.#debts.changed(name, at);
		this.#stream.onDue();
	}

	behind(): void {
		this.#stream.onDue();
	}

	missed(name: string, at: number, previous: string | undefined): void {
		// The initial response has all changes up to then.
		if (this.#initialDue || !this.names.wants(name)) return;
		this.#versions.changed(name, previous);
		this.#debts.changed(name, at);
	}

	/** The next response that is due in the phase; the client counts as having what is in it. */
	next(phase: Phase): Draft | undefined {
		if (phase === "removal") return this.#nextRemovals();
		const shared = this.#nextInitial() ?? this.#nextShared();
		if (shared) return shared;
		this.#upToDate();
		return this.#maker.probe() ?? this.#nextChanges() ?? this.#maker.fallbacks();
	}

	close(): void {
		this.names.close();
		this.#versions.clear();
		this.#debts.clear();
	}

	#nextInitial(): Draft | undefined {
		if (!this.#initialDue) return undefined;
		const { mode, set } = this.#stream;
		const initial = initialDraft(mode, set, this.names.followed);
		if (!initial) return undefined;
		this.#initialDue = false;
		this.names.cursor?.skip();
		for (const { name, version } of initial.placeholders) this.#versions.note(name, version);
		return initial.draft;
	}

	/** What all get that had everything up to this position: almost every push. */
	#nextShared(): Draft | undefined {
		const { cursor } = this.names;
		if (!cursor?.isBehind || !this.#isSettled) return undefined;
		return sharedDraft(this.#stream, this.#maker.mayHaveMore, cursor, {
			make: () => this.#nextChanges(),
			isSettled: () => this.#isSettled,
		});
	}

	/** Whether the client has everything up to its position, and is owed nothing else. */
	get #isSettled(): boolean {
		const { size, isDue } = this.#stream.nacks;
		const owes = this.#initialDue || isDue || size > 0 || !this.#debts.areNone;
		return !owes && this.names.areShareable && this.#versions.areAllPresent;
	}

	#nextChanges(): Draft | undefined {
		this.#upToDate();
		return this.#maker.changes();
	}

	#nextRemovals(): Draft | undefined {
		// A client that has nothing yet has nothing to lose.
		if (this.#initialDue) return undefined;
		this.#upToDate();
		return this.#maker.removals();
	}

	#upToDate(): void {
		const { cursor, followed } = this.names;
		if (!this.#initialDue) {
			cursor?.read();
			return;
		}
		this.#initialDue = false;
		// It has nothing, whatever has changed up to now.
		cursor?.skip();
		for (const name of followed) {
			this.#versions.note(name, NOTHING);
			this.#debts.force(name);
		}
	}
}
