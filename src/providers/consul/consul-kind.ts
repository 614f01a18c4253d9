import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { consulOptions } from "./consul-options.js";
import { ConsulProvider } from "./consul-provider.js";
import { readConsulTarget } from "./consul-target.js";

/** The `consul` provider: the instances of a service, as Consul's health endpoint tells them. */
export const consulKind: ProviderKind<typeof consulOptions> = {
	type: "consul",
	schemes: ["consul"],
	example: "consul:///web",
	options: consulOptions,
	check: checkBy(readConsulTarget),
	create: (options) => new ConsulProvider(options),
};
