import { type HttpOptions, httpOptions } from "../../../src/providers/http/http-options.js";
import { HttpProvider } from "../../../src/providers/http/http-provider.js";

/** Options as in a config, and over them such as a config refuses: short ones. */
export function httpProvider(
	given: Readonly<Record<string, unknown>> = {},
	short: Partial<HttpOptions> = {},
): HttpProvider {
	return new HttpProvider({ ...httpOptions.parse(given), ...short });
}

/** Asks again and again. */
export const QUICK = { interval: 20 };
