import { setImmediate as turn } from "node:timers/promises";
import type { Endpoint } from "../../model/endpoint.js";
import { addressOf, compareEndpoints } from "../../model/endpoint.js";
import { samePolicies } from "../../model/policies/policies.js";
import type { Steps } from "../../util/steps.js";
import type { ServiceChange } from "../changes/service-change.js";
import type { ServiceState } from "../service-state.js";
import type { Change } from "./change.js";
import { ChangeRing } from "./change-ring.js";
import { diffOf } from "./diff-of.js";

export interface HistoryOptions {
	/** The version of a service's assignment where it is known without work. */
	readonly versionOf: (name: string) => string | undefined;
	/** The version of a state, which costs as much as to encode it. */
	readonly encode: (state: ServiceState) => string;
	/** Bytes for all services; 64 MiB unless given. */
	readonly maxBytes?: number;
	/** Changes of a service; 4,096 unless given. */
	readonly maxChanges?: number;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_CHANGES = 4_096;
/** When there is too much, so much is kept. */
const KEPT = 0.95;
/** Services with more endpoints are not encoded to learn the version of a state that no client uses. */
const MAX_ENCODED = 5_000;
/** States that wait for that. */
const MAX_WAITING = 1_000;
/** Of the name and the ring of a service. */
const BYTES_A_SERVICE = 500;

/** The last changes of each service, in bounded memory. What takes time is done in later turns of the event loop. */
export class History {
	readonly #options: HistoryOptions;
	readonly #rings = new Map<string, ChangeRing>();
	/** When what clients get of a service was another last, whether its endpoints changed or its settings. */
	readonly #changedAt = new Map<string, number>();
	readonly #due = new Set<string>();
	#nameless: { readonly name: string; readonly change: Change; readonly state: ServiceState }[] = [];
	#bytes = 0;
	#working = false;
	#stopped = false;

	constructor(options: HistoryOptions) {
		this.#options = options;
	}

	/** What it takes in memory, about. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Whether something is yet to be packed, or to be learned. */
	get isWorking(): boolean {
		return this.#working;
	}

	/** In steps: a change of many endpoints takes its time. */
	*record(changes: readonly ServiceChange[]): Steps<void> {
		const at = Date.now();
		for (const each of changes) {
			yield* this.#record(each, at);
			yield;
		}
		const { maxBytes = MAX_BYTES } = this.#options;
		if (this.#bytes > maxBytes) this.#forget(maxBytes * KEPT);
		if (!this.#working && (this.#due.size > 0 || this.#nameless.length > 0)) void this.#work();
	}

	/** Newest first. */
	changesOf(name: string): Iterable<Change> {
		return this.#rings.get(name)?.newestFirst() ?? [];
	}

	/** The newest change of a service. */
	last(name: string): Change | undefined {
		return this.#rings.get(name)?.newest;
	}

	/** When what clients get of a service changed last, in milliseconds since 1970; undefined where it is not known. */
	changedAt(name: string): number | undefined {
		return this.#changedAt.get(name);
	}

	/** No client lacks what these services are now. */
	ackedByAll(names: Iterable<string>): void {
		const at = Date.now();
		for (const name of names) this.#rings.get(name)?.ackedByAll(at);
	}

	/**
	 * A service's endpoints at an earlier time, in canonical order.
	 * @param present what they are now. @param isAfter whether a change is to be undone.
	 * @returns undefined where that is not known any more.
	 */
	endpointsBefore(
		name: string,
		present: readonly Endpoint[],
		isAfter: (change: Change) => boolean,
	): readonly Endpoint[] | undefined {
		const endpoints = new Map(present.map((e) => [addressOf(e), e]));
		for (const change of this.changesOf(name)) {
			if (!isAfter(change)) return [...endpoints.values()].sort(compareEndpoints);
			for (const e of change.added) endpoints.delete(addressOf(e));
			for (const e of [...change.changedFrom, ...change.removed]) endpoints.set(addressOf(e), e);
		}
		return undefined;
	}

	stop(): void {
		this.#stopped = true;
	}

	*#record(change: ServiceChange, at: number): Steps<void> {
		const { name, previous, current } = change;
		if (!current) this.#changedAt.delete(name);
		else if (!isSameContent(previous, current)) this.#changedAt.set(name, at);
		if (previous && current && previous.endpoints === current.endpoints) return;
		const diff = yield* diffOf(change);
		if (previous?.known && current && diff.added.length + diff.removed.length + diff.changed.length === 0) return;
		if (current && !current.known) return;
		const version = current ? this.#options.versionOf(name) : "";
		const recorded: Change = {
			...{ at, version: version ?? "", target: targetsOf(diff.added, diff.changed, diff.removed) },
			...{ added: diff.added, removed: diff.removed, changed: diff.changed, changedFrom: diff.changedFrom },
			// What was there before Fingerpost knew of it has not just happened.
			sourceAt: previous?.known ? sourceTime(change) : undefined,
		};
		const ring = this.#ringOf(name);
		this.#bytes -= ring.bytes;
		ring.add(recorded);
		this.#bytes += ring.bytes;
		if (ring.isDue) this.#due.add(name);
		if (version !== undefined || !current || current.endpoints.length > MAX_ENCODED) return;
		this.#nameless.push({ name, change: recorded, state: current });
		if (this.#nameless.length > MAX_WAITING) this.#nameless.shift();
	}

	#ringOf(name: string): ChangeRing {
		const known = this.#rings.get(name);
		if (known) return known;
		const ring = new ChangeRing(this.#options.maxChanges ?? MAX_CHANGES);
		this.#rings.set(name, ring);
		this.#bytes += BYTES_A_SERVICE;
		return ring;
	}

	/** One thing a turn: each takes a few milliseconds at most. */
	async #work(): Promise<void> {
		this.#working = true;
		while (!this.#stopped) {
			await turn();
			const nameless = this.#nameless.shift();
			if (nameless) {
				const { name, change, state } = nameless;
				this.#rings.get(name)?.replace(change, { ...change, version: this.#options.encode(state) });
				continue;
			}
			const [name] = this.#due;
			if (name === undefined) break;
			this.#due.delete(name);
			const ring = this.#rings.get(name);
			this.#bytes -= ring?.bytes ?? 0;
			ring?.work();
			this.#bytes += ring?.bytes ?? 0;
		}
		this.#working = false;
	}

	/** Takes from those that have most, until it is no more than this. */
	#forget(bytes: number): void {
		while (this.#rings.size > 0) {
			let most = 0;
			for (const ring of this.#rings.values()) most = Math.max(most, ring.bytes);
			for (const [name, ring] of this.#rings) {
				if (this.#bytes <= bytes) return;
				if (ring.bytes * 2 < most) continue;
				this.#bytes -= ring.bytes;
				const had = ring.dropOldest();
				this.#bytes += ring.bytes;
				if (!had && this.#rings.delete(name)) this.#bytes -= BYTES_A_SERVICE;
			}
		}
	}
}

function isSameContent(previous: ServiceState | undefined, current: ServiceState): boolean {
	return (
		previous?.endpoints === current.endpoints &&
		previous.known === current.known &&
		(previous.definition === current.definition ||
			(samePolicies(previous.definition, current.definition) &&
				previous.definition.protocol === current.definition.protocol &&
				previous.definition.connectTimeout === current.definition.connectTimeout))
	);
}

/** From which targets endpoints are, each once. */
function targetsOf(...lists: readonly (readonly Endpoint[])[]): string {
	const targets = new Set<string>();
	for (const list of lists) for (const { origin } of list) if (origin) targets.add(origin.target);
	return [...targets].join(", ");
}

/** When the sources say that it happened: the newest of those that say something new. */
export function sourceTime({ previous, current }: ServiceChange): number | undefined {
	let newest: number | undefined;
	for (const { target, changedAt } of current?.targets ?? []) {
		const before = previous?.targets.find((each) => each.target === target)?.changedAt;
		if (!changedAt || changedAt.getTime() === before?.getTime()) continue;
		newest = Math.max(newest ?? 0, changedAt.getTime());
	}
	return newest;
}
