import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { fileOptions } from "./file-options.js";
import { FileProvider } from "./file-provider.js";
import { readFileTarget } from "./file-target.js";

/** The `file` provider: a list of endpoints in a file. */
export const fileKind: ProviderKind<typeof fileOptions> = {
	type: "file",
	schemes: ["file"],
	example: "file:///etc/endpoints.yaml",
	options: fileOptions,
	check: checkBy(readFileTarget),
	create: (options) => new FileProvider(options),
};
