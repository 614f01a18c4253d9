import { compareZones } from "../../model/zones/zone.js";
import type { ZoneDemand } from "../../model/zones/zone-balance.js";

/** What has changed is known for so many versions; who knows an older one is told everything. */
const KEPT_VERSIONS = 64;
/** Names over all of them. */
const KEPT_NAMES = 20_000;

/** What has changed since a version. */
export interface DemandChanges {
	readonly version: number;
	/** 0 where it is everything that there is. */
	readonly since: number;
	/** Those without clients are there no more. */
	readonly services: Iterable<readonly [name: string, zones: readonly ZoneDemand[]]>;
}

/** How many clients of this replica ask for each service in each zone: what it tells others. */
export class OwnDemand {
	#version = 1;
	readonly #services = new Map<string, readonly ZoneDemand[]>();
	#noted = new Set<string>();
	readonly #changes: { readonly version: number; readonly names: ReadonlySet<string> }[] = [];
	#keptNames = 0;
	readonly #waiting = new Set<() => void>();
	#isClosed = false;

	of(service: string): readonly ZoneDemand[] {
		return this.#services.get(service) ?? [];
	}

	/** @param clients each zone once. */
	note(service: string, clients: Iterable<ZoneDemand>): void {
		const zones = [...clients].sort(compareZones);
		if (isSame(this.of(service), zones)) return;
		if (zones.length === 0) this.#services.delete(service);
		else this.#services.set(service, zones);
		this.#noted.add(service);
	}

	/** All that was noted is a new version, and who waits is told. */
	commit(): void {
		if (this.#noted.size === 0) return;
		this.#version++;
		this.#changes.push({ version: this.#version, names: this.#noted });
		this.#keptNames += this.#noted.size;
		this.#noted = new Set();
		while (this.#changes.length > KEPT_VERSIONS || this.#keptNames > KEPT_NAMES)
			this.#keptNames -= this.#changes.shift()?.names.size ?? 0;
		this.#wake();
	}

	changedSince(version: number): DemandChanges {
		const known = this.#version - this.#changes.length;
		if (version < known || version > this.#version)
			return { version: this.#version, since: 0, services: this.#services };
		const newer = this.#changes.filter((each) => each.version > version);
		const names = new Set(newer.flatMap((each) => [...each.names]));
		const services = [...names].map((name) => [name, this.of(name)] as const);
		return { version: this.#version, since: version, services };
	}

	/** Waits until there is another version, the signal fires, or this is closed. */
	async changed(version: number, signal: AbortSignal): Promise<void> {
		if (version !== this.#version || this.#isClosed || signal.aborted) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#waiting.add(resolve);
		signal.addEventListener("abort", () => resolve(), { once: true });
		try {
			await promise;
		} finally {
			this.#waiting.delete(resolve);
		}
	}

	/** Nobody waits any more. */
	close(): void {
		this.#isClosed = true;
		this.#wake();
	}

	#wake(): void {
		for (const resolve of this.#waiting) resolve();
	}
}

function isSame(a: readonly ZoneDemand[], b: readonly ZoneDemand[]): boolean {
	return (
		a.length === b.length &&
		a.every((each, i) => compareZones(each, b[i] as ZoneDemand) === 0 && each.clients === b[i]?.clients)
	);
}
