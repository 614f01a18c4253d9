import { BlockingProvider } from "../blocking/blocking-provider.js";
import { HttpClient } from "../http-client/http-client.js";
import { NomadClient } from "./nomad-client.js";
import { nomadEndpoints } from "./nomad-endpoints.js";
import type { NomadOptions } from "./nomad-options.js";
import { readNomadRegistry, readNomadTarget } from "./nomad-target.js";
import type { Registration } from "./registration.js";

/** `nomad:///service`: the instances of one of Nomad's own services. */
export class NomadProvider extends BlockingProvider<Registration> {
	constructor(options: NomadOptions) {
		const { address, namespace, region, stale, maxQueries } = options;
		const http = new HttpClient({
			...{ ...options, provider: "nomad" },
			tokenHeaders: (secret) => ({ "x-nomad-token": secret }),
		});
		super({
			source: new NomadClient(http, address),
			maxQueries,
			...{ readTarget: readNomadTarget, readRegistry: readNomadRegistry, endpointsOf: nomadEndpoints },
			parameters: { namespace, ...(region !== undefined && { region }), ...(stale && { stale: "true" }) },
			namespaceOption: "namespace",
			serviceOptions: [],
		});
	}
}
