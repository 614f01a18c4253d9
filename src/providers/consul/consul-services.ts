import { compareText } from "../../model/endpoint.js";
import type { FoundService } from "../provider.js";
import type { CatalogAnswer } from "./catalog-query.js";
import { hasTags } from "./consul-endpoints.js";
import type { ConsulRegistry } from "./consul-target.js";

/** The servers of Consul, which are in every catalog. */
const CONSUL = "consul";

/** The services of a registry among those of the catalog; the same objects as long as they are there. */
export class ConsulServices {
	readonly #registry: ConsulRegistry;
	readonly #namespace: string | undefined;
	readonly #tags: readonly string[];
	#known = new Map<string, FoundService>();
	#list: readonly FoundService[] | undefined;

	/** @param namespace of Consul Enterprise, where one is given. */
	constructor(registry: ConsulRegistry, namespace: string | undefined) {
		this.#registry = registry;
		this.#namespace = namespace;
		this.#tags = registry.tags.map((tag) => tag.toLowerCase());
	}

	of({ services, datacenter }: CatalogAnswer): readonly FoundService[] {
		const names = [...services].filter(([name, tags]) => name !== CONSUL && hasTags(tags, this.#tags));
		const isSame = this.#list?.length === names.length && names.every(([name]) => this.#known.has(name));
		if (this.#list && isSame) return this.#list;
		const found = names
			.map(([name]) => name)
			.sort(compareText)
			.map((service): FoundService => {
				const target = this.#registry.targetOf(service);
				return this.#known.get(service) ?? { service, target, datacenter, namespace: this.#namespace };
			});
		this.#known = new Map(found.map((each) => [each.service, each]));
		this.#list = found;
		return found;
	}
}
