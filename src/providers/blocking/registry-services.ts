import { compareText } from "../../model/endpoint.js";
import type { FoundService } from "../provider.js";
import type { ServicesAnswer } from "./query/services-query.js";
import { hasTags, type ServiceRegistry } from "./service-target.js";

export interface RegistryServicesOptions {
	/** A service that is in every list, and is the source's own. */
	readonly own?: string | undefined;
	/** That of all services, where one is given. */
	readonly namespace?: string | undefined;
}

/** The services of a registry among those of the list; the same objects as long as they are there. */
export class RegistryServices {
	readonly #registry: ServiceRegistry;
	readonly #options: RegistryServicesOptions;
	readonly #tags: readonly string[];
	#known = new Map<string, FoundService>();
	#of: ServicesAnswer["services"] | undefined;
	#list: readonly FoundService[] = [];

	constructor(registry: ServiceRegistry, options: RegistryServicesOptions) {
		this.#registry = registry;
		this.#options = options;
		this.#tags = registry.tags.map((tag) => tag.toLowerCase());
	}

	of({ services, datacenter }: ServicesAnswer): readonly FoundService[] {
		if (services === this.#of) return this.#list;
		const first = this.#of === undefined;
		this.#of = services;
		const { own, namespace } = this.#options;
		const names: string[] = [];
		for (const [name, tags] of services) if (name !== own && hasTags(tags, this.#tags)) names.push(name);
		if (!first && this.#list.length === names.length && names.every((name) => this.#known.has(name))) return this.#list;
		this.#list = names.sort(compareText).map((service): FoundService => {
			const target = this.#registry.targetOf(service);
			return this.#known.get(service) ?? { service, target, datacenter, namespace };
		});
		this.#known = new Map(this.#list.map((each) => [each.service, each]));
		return this.#list;
	}
}
