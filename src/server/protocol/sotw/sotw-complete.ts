import type { Subscriber } from "../../../cache/change-feed.js";
import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import { type EncodedResource, VersionSum } from "../../../resources/encoded-resource.js";
import { atOnceIfShort, type Steps } from "../../../util/steps.js";
import type { SotwRequest } from "../../wire/discovery-request.js";
import type { Suspects } from "../acks/apply-ack.js";
import { nextProbe } from "../acks/next-probe.js";
import type { SentResponse } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import { AbsentNames } from "../rules/absent-names.js";
import type { Phase } from "../rules/order.js";
import { NOTHING, UNKNOWN } from "../rules/versions.js";
import type { Subscription, Taken } from "../subscription/subscription.js";
import { type CompleteSet, completeSet, isHeld } from "./complete-set.js";
import { FormerResources } from "./former-resources.js";
import { SetChanges } from "./set-changes.js";
import { type NamesChange, SotwNames } from "./sotw-names.js";
import { SotwRequests, type SotwSaid } from "./sotw-requests.js";

const EMPTY_SET = new VersionSum().toString();

/** State of the world of a type whose responses hold the complete set: what is missing is thereby deleted (R22). */
export class SotwComplete implements Subscription<SotwRequest>, Subscriber {
	readonly stream: TypeStream;
	readonly #names: SotwNames;
	readonly #requests: SotwRequests;
	readonly #former: FormerResources;
	readonly #changes: SetChanges;
	readonly #pending: SetChanges["pending"];
	readonly #leaving: SetChanges["leaving"];
	readonly #absent = new AbsentNames();
	/** The version of the set that the client has, or will have when it accepts what it was sent. */
	#has = NOTHING;
	/** The version of the set that it has accepted; UNKNOWN once it has asked for something else. */
	#accepted = NOTHING;
	/** There may be something left that it lacks, or has and should not have. */
	#recheck = false;
	#responseDue = false;
	/** When the oldest change that is still to be sent was made. */
	#since: number | undefined;
	#started = false;

	constructor(stream: TypeStream) {
		this.stream = stream;
		this.#names = new SotwNames(stream.set, this);
		this.#former = new FormerResources(stream);
		this.#changes = new SetChanges(stream, this.#former);
		({ pending: this.#pending, leaving: this.#leaving } = this.#changes);
		this.#requests = new SotwRequests(stream, this.#names, (rejected) => this.#takeBack(rejected));
	}

	get wildcard(): boolean {
		return this.#names.wildcard;
	}

	get hasNames(): boolean {
		return this.#names.size > 0;
	}

	names(): Iterable<string> {
		return this.#names;
	}

	wants(name: string): boolean {
		return this.#names.wants(name);
	}

	get isDue(): boolean {
		// What changed and changed back is not over before it was looked at.
		const isDue = this.#responseDue || this.#recheck || this.#since !== undefined || this.stream.nacks.isDue;
		return isDue && !isHeld(this.stream, this.#names, this.#former.mayHaveMore);
	}

	isDueFor(name: string): boolean {
		return this.#responseDue || this.#pending.has(name);
	}

	hasAcked(name: string): boolean {
		const { set, log, nacks } = this.stream;
		const newest = this.#former.hasAcked && this.#names.wants(name) ? set.get(name) : undefined;
		return newest !== undefined && !nacks.isNacked(newest) && !this.isDueFor(name) && log.inFlight === 0;
	}

	receive(request: SotwRequest): Taken {
		const first = !this.#started;
		this.#started = true;
		if (first && request.version !== "") this.#former.isUnknown();
		const said = this.#requests.read(request);
		const rest = this.#take(request, said, first ? request.version : undefined);
		return { ack: said.ack, rest: said.names === "none" && atOnceIfShort(rest) ? undefined : rest };
	}

	next(phase: Phase): Draft | undefined {
		return phase === "update" ? this.#nextSet() : this.#finalSet();
	}

	resend(): void {}

	heartbeat(): void {
		if (!(this.#names.all || this.#names.size > 0) || this.#has === EMPTY_SET) return;
		this.#responseDue = true;
		this.stream.onDue();
	}

	moveTo(set: ResourceSet, differing: readonly string[], at: number): void {
		const before = this.stream.set;
		this.#names.moveTo(set);
		this.stream.set = set;
		this.#since ??= at;
		this.#recheck = true;
		// What is gone already is not shown once more, either.
		for (const name of new Set([...differing, ...this.#leaving.keys()])) {
			if (!this.#names.wants(name) && !this.#leaving.has(name)) continue;
			if (set.scope.allows(name)) this.#changes.changed(name, before.get(name));
			else this.#changes.forbidden(name);
		}
	}

	close(): void {
		this.#names.close();
		this.stream.nacks.clear();
		this.#changes.clear();
		this.#former.clear();
	}

	changed(name: string, at: number, previous: EncodedResource | undefined): void {
		this.#since ??= at;
		this.#changes.changed(name, previous);
		this.stream.onDue();
	}

	settled(): void {
		this.stream.onDue();
	}

	/** @param version that the client came with, of the first request. */
	*#take(request: SotwRequest, said: SotwSaid, version: string | undefined): Steps<void> {
		const { ack } = said;
		const change = said.names === "none" ? undefined : yield* this.#requests.take(request, said);
		if (ack?.kind === "ack") {
			this.#accepted = ack.response.version;
			yield* this.#former.acked(ack.response.content.resources, this.stream.log.inFlight === 0);
		}
		if (change) yield* this.#want(change, version);
		if ((ack && this.#recheck) || (change && this.#responseDue)) this.stream.onDue();
	}

	*#want(change: NamesChange, version: string | undefined): Steps<void> {
		const { added, newlyWildcard } = change;
		this.#absent.forget(added);
		yield* this.#former.asked(change, this.#names);
		if (!this.#names.all) {
			for (const due of [this.#pending, this.#leaving]) {
				for (const name of due.keys()) if (!this.#names.has(name)) due.delete(name);
			}
			this.#former.keep((name) => this.#names.has(name));
		}
		const wholeListAlone = newlyWildcard && added.size === 0;
		if (wholeListAlone && version === this.stream.set.listedVersion) {
			this.stream.log.alreadyHas(version);
			this.#has = version;
			this.#accepted = version;
			yield* this.#former.acked([], true);
			return;
		}
		this.#accepted = UNKNOWN;
		if (!newlyWildcard && added.size === 0) return;
		yield* this.stream.set.prepareWhole(newlyWildcard ? undefined : added);
		this.#responseDue = true;
	}

	/**
	 * The suspects are what the client does not have. None, if some of that can be neither left out
	 * nor replaced by an earlier version.
	 */
	#takeBack({ content: { resources } }: SentResponse): Suspects {
		const { set, log } = this.stream;
		if (log.inFlight === 0) this.#has = this.#accepted;
		const accused = this.#former.accused(resources);
		const suspects = accused.filter(
			({ name, version }) => this.#names.wants(name) && set.get(name)?.version === version,
		);
		if (!this.#former.canDoWithout(suspects)) return { suspects: [], accused: 0 };
		for (const { name, version } of accused) {
			const had = this.#former.had(name);
			if (this.#pending.get(name)?.version === version) this.#pending.set(name, had);
			// What goes need not be shown once more to a client that does not have it.
			if (this.#leaving.get(name)?.version !== version) continue;
			if (had) this.#leaving.set(name, had);
			else this.#leaving.delete(name);
		}
		this.#former.nacked(resources, suspects);
		this.#recheck = accused.length > 0;
		return { suspects, accused: accused.length };
	}

	/** All that this stream subscribes to; with what is leaving, which goes only after the rest (R18). */
	#nextSet(): Draft | undefined {
		const { set, log, nacks } = this.stream;
		const due = this.#responseDue || this.#pending.size > 0;
		// Not both in one, and nothing else on its way: a rejection could be for either.
		const probe = due || log.inFlight > 0 ? undefined : this.#nextProbe();
		// A search may have come to its end just now.
		if (nacks.takeStuck().size > 0) this.#recheck = true;
		const recheck = this.#recheck && !nacks.probeDue;
		if (!due && !probe && !recheck) return undefined;
		if (recheck) this.#recheck = false;
		for (const [name, had] of this.#pending) this.#former.sent(name, had);
		for (const { name } of probe ?? []) this.#former.sent(name, this.#former.inPlaceOf(name));
		const { resources, version } = this.#completeSet();
		const changed = [...this.#pending.keys(), ...(probe ?? []).map(({ name }) => name)];
		let replaced = changed.filter((name) => set.get(name));
		// R17: what changed while a client was away that comes with another version cannot be told.
		if (!log.sent) replaced = this.#former.mayHaveMore ? resources.map(({ name }) => name) : [];
		this.#pending.clear();
		const wanted = this.#responseDue || probe !== undefined || version !== this.#has;
		this.#responseDue = false;
		const since = this.#since;
		if (this.#leaving.size === 0) this.#since = undefined;
		return wanted ? this.#draft(resources, version, { since, replaced, probe: probe !== undefined }) : this.#nextSet();
	}

	#completeSet(): CompleteSet {
		return completeSet(this.stream, this.#names, this.#former, [...this.#leaving.values()]);
	}

	#nextProbe(): readonly EncodedResource[] | undefined {
		return nextProbe(this.stream, (name) => this.#names.wants(name));
	}

	#finalSet(): Draft | undefined {
		const since = this.#since;
		this.#since = undefined;
		if (this.#leaving.size === 0) return undefined;
		this.#leaving.clear();
		const { resources, version } = this.#completeSet();
		return this.#draft(resources, version, { since, replaced: [], probe: false });
	}

	#draft(
		resources: readonly EncodedResource[],
		version: string,
		rest: Pick<Draft, "since" | "replaced" | "probe">,
	): Draft {
		this.#has = version;
		const absent = this.#absent.notYetTold(this.#names, resources, this.stream.set);
		return { version, resources, removed: [], absent, replacedVersions: [], ...rest };
	}
}
