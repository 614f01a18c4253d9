import { isAbsolute } from "node:path";
import { z } from "zod";
import { describe } from "../../input/check.js";
import type { HttpAccessOptions } from "./http-access.js";

/** A text that is not empty. */
export function text(example: string) {
	return z
		.string({ error: ({ input }) => `expected a text such as ${example}, not ${describe(input)}` })
		.min(1, { error: `expected a text such as ${example}, not an empty one` })
		.meta({ examples: [example] });
}

/** A file's path: absolute, or in the home folder. */
export function path(example: string) {
	return text(example).refine((file) => isAbsolute(file) || file.startsWith("~/"), {
		error: ({ input }) => `expected an absolute path or one that begins with ~/, not ${describe(input)}`,
	});
}

/** The settings of TLS to a source. */
export const tlsOptions = {
	ca: path("/etc/fingerpost/ca.crt")
		.optional()
		.describe("The certificate authorities of the source, PEM; those that Node knows unless given. Followed."),
	cert: path("/etc/fingerpost/client.crt").optional().describe("A client's certificate, PEM, with key. Followed."),
	key: path("/etc/fingerpost/client.key").optional().describe("The key of the client's certificate, PEM. Followed."),
};

/** Two settings that do not go together, or undefined. */
export function accessProblem(
	options: HttpAccessOptions,
): { readonly key: string; readonly message: string } | undefined {
	if (options.token !== undefined && options.tokenFile !== undefined) {
		return { key: "tokenFile", message: "give either token or tokenFile, not both" };
	}
	if (options.cert !== undefined && options.key === undefined) {
		return { key: "cert", message: "cert goes with key, which is not given" };
	}
	if (options.key !== undefined && options.cert === undefined) {
		return { key: "key", message: "key goes with cert, which is not given" };
	}
	return undefined;
}
