import { InvalidConfig } from "../input/invalid-config.js";
import { FingerpostError } from "../util/errors.js";
import { type WatchFileOptions, watchFile } from "../util/files/watch-file.js";
import type { Config } from "./config.js";
import { KnownServices } from "./known-services.js";
import { digestOf, type LoadOptions, MAX_CONFIG_BYTES, readConfigText, unreadable } from "./load.js";

export interface ConfigObserver {
	/** A new config, valid. */
	changed(config: Config): void;
	/** The file is missing, cannot be read or is invalid: nothing changes. */
	failed(error: InvalidConfig): void;
	/** The system does not tell of the file's changes, or does so again; see FileObserver. */
	blind?(error: Error | undefined): void;
}

/**
 * Tells of the config file's every new text, once: a valid config or what is wrong with it. A text that is replaced while
 * it is read is told, and then the one that replaced it.
 * @param options.known the config that is in use: its text is not told. Without it, the text that is there is told.
 */
export function watchConfig(
	path: string,
	observer: ConfigObserver,
	options: LoadOptions & Omit<WatchFileOptions, "known" | "maxBytes"> & { readonly known?: Config | undefined },
): void {
	const { known, registry, env, knownServices = new KnownServices(), ...timing } = options;
	const { signal } = options;
	watchFile(
		path,
		{
			changed: async ({ content }) => {
				let config: Config;
				try {
					config = await readConfigText(content, path, { registry, env, knownServices, signal });
				} catch (error) {
					if (signal.aborted) return;
					// Anything else would be a fault in the reading of it; the config in use stays all the same.
					const reason = FingerpostError.from(error);
					observer.failed(reason instanceof InvalidConfig ? reason : unreadable(path, reason));
					return;
				}
				if (!signal.aborted) observer.changed(config);
			},
			failed: (error) => observer.failed(unreadable(path, error)),
			blind: (error) => observer.blind?.(error),
		},
		{
			...timing,
			maxBytes: MAX_CONFIG_BYTES,
			...(known ? { known: (content: string) => digestOf(content) === known.digest } : {}),
		},
	);
}
