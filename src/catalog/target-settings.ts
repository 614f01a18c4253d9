import { inCanonicalOrder } from "../model/canonical-order.js";
import type { Endpoint, Health, TargetShare } from "../model/endpoint.js";
import type { ServiceTarget } from "../model/service.js";

type Settings = Pick<ServiceTarget, "weight" | "health" | "locality" | "metadata">;

/** From the best to the worst; the first two are as good. */
const RANK: Readonly<Record<Health, number>> = {
	healthy: 0,
	unknown: 0,
	degraded: 1,
	draining: 2,
	timeout: 3,
	unhealthy: 3,
};

/**
 * What a service says of the endpoints of one of its targets. An endpoint that comes again gives the same object again,
 * so that nothing looks at it twice.
 */
export class TargetSettings {
	readonly #settings: Settings;
	readonly #share: TargetShare | undefined;
	#changed = new WeakMap<Endpoint, Endpoint>();
	#last: { readonly given: readonly Endpoint[]; readonly endpoints: readonly Endpoint[] } | undefined;

	/** @param part what the target has of the traffic of its priority; undefined where targets have no weights. */
	constructor({ target, ...settings }: ServiceTarget, part: number | undefined) {
		this.#settings = settings;
		this.#share = part === undefined ? undefined : { target: target.text, part };
	}

	/** Whether no endpoint of the target is to get traffic. */
	get withoutTraffic(): boolean {
		return this.#share?.part === 0;
	}

	/** @param plain whether they are in canonical order, each address once; then the result is so, too. */
	of(given: readonly Endpoint[], plain: boolean): readonly Endpoint[] {
		const { health, locality, metadata } = this.#settings;
		if (!this.#share && health === undefined && !locality && !metadata) return given;
		if (this.#last?.given === given) return this.#last.endpoints;
		const changed = given.map((e) => this.#of(e));
		const endpoints = locality && plain ? inCanonicalOrder(changed) : changed;
		this.#last = { given, endpoints };
		return endpoints;
	}

	#of(e: Endpoint): Endpoint {
		const known = this.#changed.get(e);
		if (known) return known;
		const { health, locality, metadata } = this.#settings;
		const changed: Endpoint = {
			...e,
			...(health !== undefined && RANK[health] >= RANK[e.health] && { health }),
			...(locality && { locality: { ...e.locality, ...given(locality) } }),
			...(metadata && { metadata: { ...e.metadata, ...metadata } }),
			...(this.withoutTraffic ? { weight: 0 } : this.#share && { targetShare: this.#share }),
		};
		this.#changed.set(e, changed);
		return changed;
	}
}

/** Without the keys that are undefined. */
function given<T extends object>(parts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
	const entries = Object.entries(parts).filter(([, value]) => value !== undefined);
	return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Of each target what is said of its endpoints, in the same order. */
export function targetSettings(targets: readonly ServiceTarget[]): readonly TargetSettings[] {
	const sums = new Map<number, number>();
	for (const { priority, weight } of targets) {
		if (weight !== undefined) sums.set(priority, (sums.get(priority) ?? 0) + weight);
	}
	return targets.map((target) => {
		const { priority, weight } = target;
		if (weight === undefined) return new TargetSettings(target, undefined);
		return new TargetSettings(target, weight === 0 ? 0 : weight / (sums.get(priority) as number));
	});
}
