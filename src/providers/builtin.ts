import { FileProvider } from "./file.js";
import { Registry } from "./registry.js";
import { StaticProvider } from "./static.js";

/** A new registry with the providers that Fingerpost brings: `static`, `http`, `https` (refused, with the reason), `file`. */
export function builtinRegistry(): Registry {
	const fixed = new StaticProvider();
	return new Registry()
		.register("static", fixed)
		.register("http", fixed)
		.register("https", fixed)
		.register("file", new FileProvider());
}
