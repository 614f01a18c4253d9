import { AddressMap } from "../model/address-map.js";
import { addressOf, type Endpoint, isReady } from "../model/endpoint.js";
import type { Target } from "../model/target.js";
import type { Registry } from "../providers/registry.js";
import { type TargetStatus, TargetWatch } from "../providers/watch/target-watch.js";
import type { Steps } from "../util/steps.js";
import { asItIs, HostWatches } from "./host-watches.js";
import { mergeInSteps } from "./merge.js";

/** Endpoints that are looked at in one step. */
const STEP = 1_024;

/** What may differ of an endpoint that both have. Where it runs and what else is said of it does not count. */
export type DifferingField = "health" | "weight" | "priority";

/** Where a service and the target that it is compared with differ; addresses are texts such as `10.0.0.1:80`. */
export interface Difference {
	/** The service has them, the target has not. */
	readonly missing: readonly string[];
	/** The target has them, the service has not. */
	readonly extra: readonly string[];
	/** Both have them, and give them traffic in another way. */
	readonly differing: readonly { readonly address: string; readonly fields: readonly DifferingField[] }[];
}

/** A service beside a second target that is not served. */
export interface Comparison {
	readonly status: TargetStatus;
	/** Undefined until both are known. It stays while the target fails. */
	readonly difference: Difference | undefined;
	/** Since when the two have differed without a break; undefined while they do not. */
	readonly since: Date | undefined;
}

/** In how many endpoints the two differ. */
export function countDifferences({ missing, extra, differing }: Difference): number {
	return missing.length + extra.length + differing.length;
}

/** What is watched from now on. @param present what was until now. @param target undefined: nothing any more. */
export function nextCompared(
	present: ComparedTarget | undefined,
	target: Target | undefined,
	registry: Registry,
	onChange: () => void,
): ComparedTarget | undefined {
	if (present?.target.text === target?.text) return present;
	present?.stop();
	const next = target && new ComparedTarget(target, registry, onChange);
	next?.start();
	return next;
}

/** Watches a target to tell how it differs from what a service has; it changes nothing of the service. */
export class ComparedTarget {
	readonly #registry: Registry;
	readonly #watch: TargetWatch;
	readonly #hosts: HostWatches;
	#last: { readonly served: readonly Endpoint[]; readonly found: readonly Endpoint[] } | undefined;
	#difference: Difference | undefined;
	#since: Date | undefined;

	/** @param onChange called when the comparison may be another one. */
	constructor(target: Target, registry: Registry, onChange: () => void) {
		this.#registry = registry;
		this.#watch = new TargetWatch(target, onChange, { maxEndpoints: () => registry.maxEndpoints });
		this.#hosts = new HostWatches(registry, onChange);
	}

	get target(): Target {
		return this.#watch.target;
	}

	start(): void {
		this.#watch.start(this.#registry.watcher(this.target));
	}

	/** Another provider serves these schemes now. */
	rewatch(schemes: ReadonlySet<string>): void {
		if (schemes.has(this.target.scheme)) this.#watch.restart(this.#registry.watcher(this.target));
		if (schemes.has("dns")) this.#hosts.restart();
	}

	stop(): void {
		this.#watch.stop();
		this.#hosts.stop();
	}

	/** @param served what the service has; undefined while it is unknown. */
	*comparison(served: readonly Endpoint[] | undefined): Steps<Comparison> {
		const { endpoints: list, plain, status } = this.#watch;
		const resolved = list && (plain ? asItIs(list) : this.#hosts.resolve(list));
		this.#hosts.prune();
		const found = resolved?.endpoints;
		if (served && found && resolved.waiting.length === 0) yield* this.#compare(served, found);
		return { status, difference: this.#difference, since: this.#since };
	}

	*#compare(served: readonly Endpoint[], found: readonly Endpoint[]): Steps<void> {
		if (this.#last?.served === served && this.#last.found === found) return;
		this.#difference = yield* differenceBetween(served, found, this.target.text);
		this.#last = { served, found };
		if (countDifferences(this.#difference) === 0) this.#since = undefined;
		else this.#since ??= new Date();
	}
}

function* differenceBetween(
	served: readonly Endpoint[],
	found: readonly Endpoint[],
	target: string,
): Steps<Difference> {
	const others = new AddressMap<Endpoint>();
	const left = new Set<Endpoint>();
	const merged = yield* mergeInSteps([{ target, priority: 0, endpoints: found }]);
	for (const [i, e] of merged.endpoints.entries()) {
		if (i % STEP === STEP - 1) yield;
		others.set(e, e);
		left.add(e);
	}
	const missing: string[] = [];
	const differing: Difference["differing"][number][] = [];
	for (const [i, e] of served.entries()) {
		if (i % STEP === STEP - 1) yield;
		const other = others.get(e);
		if (!other) missing.push(addressOf(e));
		else {
			left.delete(other);
			const fields = fieldsThatDiffer(e, other);
			if (fields.length > 0) differing.push({ address: addressOf(e), fields });
		}
	}
	return { missing, extra: [...left].map(addressOf), differing };
}

function fieldsThatDiffer(a: Endpoint, b: Endpoint): DifferingField[] {
	const fields: DifferingField[] = [];
	// A source without health checks says `unknown` of what another one calls healthy.
	if (a.health !== b.health && !(isUp(a) && isUp(b))) fields.push("health");
	if (a.weight !== b.weight) fields.push("weight");
	if (a.priority !== b.priority) fields.push("priority");
	return fields;
}

function isUp({ health }: Endpoint): boolean {
	return isReady({ health, weight: 1 });
}
