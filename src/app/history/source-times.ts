import type { ServiceChange } from "../../catalog/catalog.js";
import { sourceTime } from "../../catalog/history/history.js";
import { PROVIDER_KINDS } from "../../providers/provider-kinds.js";

/** Changes that were made at once, and whose acknowledgements are waited for: so many at least, and twice as many at most. */
const MOST = 1_000;

const TYPES: ReadonlyMap<string, string> = new Map(
	PROVIDER_KINDS.flatMap(({ type, schemes }) => schemes.map((scheme) => [scheme, type] as const)),
);

/** How much earlier than the catalog the sources say that something happened, a provider each, for its latency. */
export class SourceTimes {
	/** By when the catalog changed, in milliseconds of `performance.now()`. */
	#lags = new Map<number, ReadonlyMap<string, number>>();
	/** Those before: to delete the oldest one by one would cost more each time. */
	#older: ReadonlyMap<number, ReadonlyMap<string, number>> = new Map();

	/** @param at when the first of them was made, in milliseconds of `performance.now()`. */
	changed(changes: readonly ServiceChange[], at: number): void {
		const lags = new Map<string, number>();
		const since = Date.now() - (performance.now() - at);
		for (const change of changes) {
			const { previous, current } = change;
			// What was there before Fingerpost knew of it says nothing.
			if (!previous?.known || !current || previous.endpoints === current.endpoints) continue;
			const provider = providerOf(change);
			const sourceAt = sourceTime(change);
			const lag = sourceAt === undefined ? 0 : Math.max(0, since - sourceAt);
			lags.set(provider, Math.max(lags.get(provider) ?? 0, lag));
		}
		if (lags.size === 0) return;
		if (this.#lags.size >= MOST) {
			this.#older = this.#lags;
			this.#lags = new Map();
		}
		this.#lags.set(at, lags);
	}

	/** @param since when the catalog changed. @returns of each provider how long before its sources changed: milliseconds. */
	lags(since: number): Iterable<readonly [provider: string, ms: number]> {
		return this.#lags.get(since) ?? this.#older.get(since) ?? [];
	}
}

/** The target that brought it, of several the first: `inline` where no other one did. */
export function changedTarget({ previous, current }: ServiceChange): string {
	const newer = current?.targets.find((status) => {
		const before = previous?.targets.find(({ target }) => target === status.target);
		return before?.changes !== status.changes || before.held !== status.held;
	});
	return newer?.target ?? "inline";
}

/** The type of that target's provider. */
export function providerOf(change: ServiceChange): string {
	const target = changedTarget(change);
	if (target === "inline") return target;
	const scheme = /^([a-z][\w+.-]*):/i.exec(target)?.[1] ?? "static";
	return TYPES.get(scheme.toLowerCase()) ?? scheme;
}
