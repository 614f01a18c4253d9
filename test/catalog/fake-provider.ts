import type { ServiceState } from "../../src/catalog/service-state.js";
import { type Endpoint, endpoint } from "../../src/model/endpoint.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import { parseTarget, type Target } from "../../src/model/target.js";
import type {
	FoundService,
	Provider,
	ProviderWatchOptions,
	RegistryObserver,
	TargetObserver,
} from "../../src/providers/provider.js";
import { Registry } from "../../src/providers/registry.js";
import { SourceFailed } from "../../src/util/errors.js";

interface FakeWatch {
	readonly observer: TargetObserver;
	readonly signal: AbortSignal;
	readonly known: readonly Endpoint[] | undefined;
}

/** A provider for `fake:///…` that says what the test tells it to, also after its watch was ended. */
export class FakeProvider implements Provider {
	readonly registry = new Registry().register("fake", this);
	/** Every watch there ever was, by the target's text. */
	readonly watches = new Map<string, FakeWatch[]>();
	/** Every watch of a whole registry, likewise. */
	readonly registries = new Map<string, { readonly observer: RegistryObserver; readonly signal: AbortSignal }[]>();
	/** Thrown by the next call of watch(). */
	throwing: unknown;
	refresh?: (target: Target) => void;

	async discover(): Promise<readonly Endpoint[]> {
		throw new SourceFailed("not used");
	}

	watch(target: Target, observer: TargetObserver, { signal, known }: ProviderWatchOptions): void {
		const list = this.watches.get(target.text) ?? [];
		this.watches.set(target.text, [...list, { observer, signal, known }]);
		const { throwing } = this;
		this.throwing = undefined;
		if (throwing !== undefined) throw throwing;
	}

	checkAll(target: Target): string | undefined {
		return target.text.includes("*") ? undefined : "it names one service";
	}

	watchAll(target: Target, observer: RegistryObserver, { signal }: { readonly signal: AbortSignal }): void {
		this.registries.set(target.text, [...(this.registries.get(target.text) ?? []), { observer, signal }]);
	}

	/** The newest watch of the registry answers: `fake:///NAME`, or what is given. */
	list(text: string, ...list: readonly (string | FoundService)[]): void {
		const services = list.map((each) =>
			typeof each === "string" ? { service: each, target: `fake:///${each}` } : each,
		);
		this.observerOf(text).services(services);
	}

	failList(text: string, message = "no answer"): void {
		this.observerOf(text).failed(new SourceFailed(message));
	}

	observerOf(text: string): RegistryObserver {
		const watch = this.registries.get(text)?.at(-1);
		if (!watch) throw new Error(`${text} was never watched`);
		return watch.observer;
	}

	/** How often the target was watched. */
	started(text: string): number {
		return this.watches.get(text)?.length ?? 0;
	}

	/** How many watches of the target go on. */
	running(text: string): number {
		return this.watches.get(text)?.filter(({ signal }) => !signal.aborted).length ?? 0;
	}

	/** The newest watch of the target answers. */
	answer(text: string, ...list: readonly (number | Endpoint)[]): void {
		this.#newest(text).endpoints(list.map((e) => (typeof e === "number" ? at(e) : e)));
	}

	/** As answer(), of a part of what there is. */
	answerInPart(text: string, ...list: readonly number[]): void {
		this.#newest(text).endpoints(
			list.map((n) => at(n)),
			{ partial: true },
		);
	}

	fail(text: string, message = "no answer"): void {
		this.#newest(text).failed(new SourceFailed(message));
	}

	#newest(text: string): TargetObserver {
		const watch = this.watches.get(text)?.at(-1);
		if (!watch) throw new Error(`${text} was never watched`);
		return watch.observer;
	}
}

/** `10.0.0.N:80`, healthy. */
export function at(n: number, parts: Partial<Endpoint> = {}): Endpoint {
	return endpoint({ address: `10.0.0.${n}`, port: 80, health: "healthy", ...parts });
}

type Parts = Partial<Omit<ServiceDefinition, "targets">>;

/** A service of the targets given by their texts; `text priority` for one that has a priority. */
export function service(name: string, targets: readonly string[], parts: Parts = {}): ServiceDefinition {
	return {
		name,
		protocol: "http1",
		connectTimeout: 5_000,
		targets: targets.map((each) => {
			const [text, priority = "0"] = each.split(" ");
			return { target: parseTarget(text as string), priority: Number(priority) };
		}),
		...parts,
	};
}

/** A service that is in sync, without endpoints unless they are given. */
export function serviceState(name: string, parts: Partial<ServiceState> = {}): ServiceState {
	return {
		name,
		definition: service(name, []),
		state: "synced",
		known: true,
		endpoints: [],
		repairs: [],
		notes: [],
		targets: [],
		overdue: false,
		...parts,
	};
}

export function definitions(...list: readonly ServiceDefinition[]): ReadonlyMap<string, ServiceDefinition> {
	return new Map(list.map((definition) => [definition.name, definition]));
}
