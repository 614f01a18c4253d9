import { messageOf } from "../../util/errors.js";
import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { fileOptions } from "./file-options.js";
import { FileProvider } from "./file-provider.js";
import { readFileTarget } from "./file-target.js";

/** A disk that hangs: 10 s. */
const READ_LIMIT_MS = 10_000;

/** The `file` provider: a list of endpoints in a file. */
export const fileKind: ProviderKind<typeof fileOptions> = {
	type: "file",
	schemes: ["file"],
	example: "file:///etc/endpoints.yaml",
	options: fileOptions,
	check: checkBy(readFileTarget),
	// A file is no network.
	inspect: (target, options) => {
		const read = new FileProvider(options).discover(target, { signal: AbortSignal.timeout(READ_LIMIT_MS) });
		return read.then(() => undefined, messageOf);
	},
	create: (options) => new FileProvider(options),
};
