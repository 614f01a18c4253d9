import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { staticOptions } from "./static-options.js";
import { StaticProvider } from "./static-provider.js";
import { readStaticTarget } from "./static-target.js";

/** The `static` provider: the endpoint that the target itself names. */
export const staticKind: ProviderKind<typeof staticOptions> = {
	type: "static",
	schemes: ["static", "http", "https"],
	example: "127.0.0.1:8080",
	options: staticOptions,
	check: checkBy(readStaticTarget),
	create: () => new StaticProvider(),
};
