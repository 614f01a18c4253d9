import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import type { Target } from "../model/target.js";
import { resolveWith } from "../providers/host-endpoints.js";
import type { ProviderWatchOptions, TargetObserver } from "../providers/provider.js";
import type { Registry, ServiceNames } from "../providers/registry.js";
import { ServiceNotFound, SourceFailed } from "../util/errors.js";
import { Catalog } from "./catalog.js";
import { mergeEndpoints } from "./merge.js";
import type { ServiceState } from "./service-state.js";
import { type TargetSettings, targetSettings } from "./target-settings.js";

/** After so long a watched service is told without those of its targets that have not answered. */
const SYNC_DEADLINE_MS = 10_000;

/** The services of a config by their names, each looked up and watched as a control plane does it. */
export class NamedServices implements ServiceNames {
	readonly #registry: Registry;
	readonly #definitions: ReadonlyMap<string, ServiceDefinition>;

	constructor(registry: Registry, definitions: ReadonlyMap<string, ServiceDefinition>) {
		this.#registry = registry;
		this.#definitions = definitions;
	}

	has(name: string): boolean {
		return this.#definitions.has(name);
	}

	names(): Iterable<string> {
		return this.#definitions.keys();
	}

	/**
	 * Looks at every target once.
	 * @throws ServiceNotFound if none of them exists; what another target fails with.
	 */
	async discover(service: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		const { endpoints: inline, targets } = this.#definition(service);
		const settings = targetSettings(targets);
		const missing: ServiceNotFound[] = [];
		const look = async (target: string, priority: number, endpoints: Promise<readonly Endpoint[]>) => {
			try {
				return { target, priority, endpoints: await endpoints };
			} catch (error) {
				if (!(error instanceof ServiceNotFound)) throw error;
				missing.push(error);
				return { target, priority, endpoints: [] };
			}
		};
		const found = await Promise.all([
			...(inline ? [look("inline", 0, resolveWith(this.#registry.find("dns"), inline, signal))] : []),
			...targets.map(({ target, priority }, i) =>
				look(
					target.text,
					priority,
					this.#registry.discover(target, { signal }).then((list) => (settings[i] as TargetSettings).of(list, false)),
				),
			),
		]);
		if (missing[0] && missing.length === found.length) throw missing[0];
		return mergeEndpoints(found).endpoints;
	}

	watch(service: Target, observer: TargetObserver, { signal }: ProviderWatchOptions): void {
		const definition = this.#definition(service);
		if (signal.aborted) return;
		const catalog = new Catalog(this.#registry, { removalGrace: 0, syncDeadline: SYNC_DEADLINE_MS });
		signal.addEventListener("abort", () => catalog.stop(), { once: true });
		const telling = new Telling(observer);
		catalog.onChange((changes) => {
			for (const { current } of changes) if (current) telling.tell(current);
		});
		catalog.apply(new Map([[definition.name, definition]]));
	}

	/** Hints the sources of all its targets. */
	refresh(service: Target): void {
		for (const { target } of this.#definition(service).targets) this.#registry.refresh(target);
	}

	#definition({ text }: Target): ServiceDefinition {
		const definition = this.#definitions.get(text);
		if (!definition) throw new ServiceNotFound(`there is no service "${text}"`);
		return definition;
	}
}

/** Tells an observer what is new of a service: other endpoints, other notes, another failure. */
class Telling {
	readonly #observer: TargetObserver;
	#told: Pick<ServiceState, "endpoints" | "notes"> | undefined;
	#failure: string | undefined;

	constructor(observer: TargetObserver) {
		this.#observer = observer;
	}

	tell({ known, endpoints, notes, targets }: ServiceState): void {
		const failing = targets.find(({ state }) => state === "failed" || state === "stale");
		const failure = failing && `"${failing.target}": ${failing.lastError?.message}`;
		const recovered = this.#failure !== undefined && failure === undefined;
		const isNew = this.#told?.endpoints !== endpoints || this.#told.notes.join("\n") !== notes.join("\n");
		if (known && (isNew || recovered)) {
			this.#told = { endpoints, notes };
			this.#observer.endpoints(endpoints, { notes });
		}
		if (failure !== undefined && failure !== this.#failure) this.#observer.failed(new SourceFailed(failure));
		this.#failure = failure;
	}
}
