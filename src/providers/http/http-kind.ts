import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { httpOptions } from "./http-options.js";
import { HttpProvider } from "./http-provider.js";
import { readHttpTarget } from "./http-target.js";

/** The `sd` provider: a list of endpoints that a web server gives. */
export const httpKind: ProviderKind<typeof httpOptions> = {
	type: "sd",
	schemes: ["sd+http", "sd+https"],
	example: "sd+https://inventory.internal/web.json",
	options: httpOptions,
	check: checkBy(readHttpTarget),
	create: (options) => new HttpProvider(options),
};
