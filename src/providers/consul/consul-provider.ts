import { BlockingProvider } from "../blocking/blocking-provider.js";
import { HttpClient } from "../http-client/http-client.js";
import { ConsulClient } from "./consul-client.js";
import { consulEndpoints } from "./consul-endpoints.js";
import type { ConsulOptions } from "./consul-options.js";
import { readConsulRegistry, readConsulTarget } from "./consul-target.js";
import type { HealthEntry } from "./health-entry.js";

/** `consul:///service`: the instances of a service and their health. */
export class ConsulProvider extends BlockingProvider<HealthEntry> {
	constructor(options: ConsulOptions) {
		const { address, token, tokenFile, datacenter, namespace, partition, stale, maxQueries, warning } = options;
		const http = new HttpClient({
			...{ ...options, provider: "consul" },
			tokenHeaders: (secret) => ({ "x-consul-token": secret }),
		});
		super({
			source: new ConsulClient(http, { address, hasToken: token !== undefined || tokenFile !== undefined }),
			maxQueries,
			...{ readTarget: readConsulTarget, readRegistry: readConsulRegistry },
			parameters: {
				...(datacenter !== undefined && { dc: datacenter }),
				...(namespace !== undefined && { ns: namespace }),
				...(partition !== undefined && { partition }),
				...(stale && { stale: "" }),
			},
			...{ namespaceOption: "ns", datacenterOption: "dc" },
			// A filter is one of instances.
			serviceOptions: ["filter", "near"],
			own: "consul",
			endpointsOf: (entries, target, most) => consulEndpoints(entries, target, { warning, most }),
			filteredNote: "Consul leaves instances out whose nodes the token may not read: allow node:read",
		});
	}
}
