import { VERSION } from "../../util/version.js";
import type { CliIo } from "../cli-io.js";

/** Prints the version. */
export function version(options: { readonly output: "text" | "json" }, io: CliIo): number {
	const json = { version: VERSION, node: process.versions.node };
	io.stdout.write(options.output === "json" ? `${JSON.stringify(json, null, 2)}\n` : `fingerpost ${VERSION}\n`);
	return 0;
}
