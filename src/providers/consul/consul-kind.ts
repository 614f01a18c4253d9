import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { consulOptions } from "./consul-options.js";
import { ConsulProvider } from "./consul-provider.js";
import { readConsulRegistry, readConsulTarget } from "./consul-target.js";

/** The `consul` provider: the instances of a service, as Consul's health endpoint tells them. */
export const consulKind: ProviderKind<typeof consulOptions> = {
	type: "consul",
	schemes: ["consul"],
	example: "consul:///web",
	exampleAll: "consul:///*?tag=mesh",
	options: consulOptions,
	check: checkBy(readConsulTarget),
	checkAll: checkBy(readConsulRegistry),
	create: (options) => new ConsulProvider(options),
};
