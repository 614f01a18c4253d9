import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { nomadOptions } from "./nomad-options.js";
import { NomadProvider } from "./nomad-provider.js";
import { readNomadRegistry, readNomadTarget } from "./nomad-target.js";

/** The `nomad` provider: the instances of Nomad's own services. */
export const nomadKind: ProviderKind<typeof nomadOptions> = {
	type: "nomad",
	schemes: ["nomad"],
	example: "nomad:///web",
	exampleAll: "nomad:///*?namespace=shop",
	options: nomadOptions,
	check: checkBy(readNomadTarget),
	checkAll: checkBy(readNomadRegistry),
	create: (options) => new NomadProvider(options),
};
