import {
	FAULTS,
	type Fault,
	type FaultRow,
	type FaultySource,
	type FaultySources,
	slugOf,
} from "../../../lab/faults/fault.js";
import type { ServiceConfig } from "../../../lab/fingerpost.js";

interface Tried {
	readonly type: string;
	readonly fault: Fault;
	/** The name of the provider's instance. */
	readonly instance: string;
	readonly source: FaultySource;
}

/** A source for each fault of each provider. */
export class TriedSources implements AsyncDisposable {
	readonly #owned = new AsyncDisposableStack();
	/** By the name of the provider's row, and the fault. */
	readonly #all = new Map<string, Tried>();
	#before = new Map<string, number>();

	/** @param suffix of the names by which the sources are known to their servers. */
	async make(rows: ReadonlyMap<FaultRow, FaultySources>, suffix: string, has: readonly string[]): Promise<void> {
		const make = async ({ name, type }: FaultRow, sources: FaultySources) => {
			for (const fault of FAULTS) {
				const source = this.#owned.use(await sources.source(`${slugOf(fault)}${suffix}`, fault));
				await source.set(has);
				const instance = `${name}-${slugOf(fault)}${source.suffix ?? ""}`;
				this.#all.set(`${name} ${fault}`, { type, instance, fault, source });
			}
		};
		await Promise.all([...rows].map(([row, sources]) => make(row, sources)));
	}

	/** The config's `providers`. */
	get settings(): Readonly<Record<string, object>> {
		const all = [...this.#all.values()];
		return Object.fromEntries(all.map(({ type, instance, source }) => [instance, { type, ...source.settings }]));
	}

	service(provider: string, fault: Fault, guard: boolean): ServiceConfig {
		const { instance, source } = this.#all.get(`${provider} ${fault}`) as Tried;
		const target = `${instance}:${source.target}`;
		return { target, guard: guard ? {} : "off" };
	}

	/** These faults begin, and how often the sources are asked is counted from now on. */
	async begin(which: (fault: Fault) => boolean): Promise<void> {
		const some = [...this.#all].filter(([, { fault }]) => which(fault));
		await Promise.all(some.map(([, { source }]) => source.begin()));
		for (const [name, { source }] of some) this.#before.set(name, source.asked);
	}

	/** Since their fault began, those that were asked more often than this. */
	askedMoreThan(times: number): readonly string[] {
		const asked = [...this.#all].map(
			([name, { source }]) => [name, source.asked - (this.#before.get(name) ?? 0)] as const,
		);
		return asked.filter(([, count]) => count > times).map(([name, count]) => `${name}: asked ${count} times`);
	}

	/** All sources have this, and say so. */
	async end(has: readonly string[]): Promise<void> {
		await Promise.all(
			[...this.#all.values()].map(async ({ source }) => {
				await source.set(has);
				await source.end();
			}),
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#owned.disposeAsync();
	}
}
