import { InvalidConfig } from "../input/invalid-config.js";
import { FingerpostError } from "../util/errors.js";
import { type WatchFileOptions, watchFile } from "../util/watch-file.js";
import type { Config } from "./config.js";
import { KnownServices } from "./known-services.js";
import { digestOf, type LoadOptions, parseConfig, unreadable } from "./load.js";

export interface ConfigObserver {
	/** A new config, valid. */
	changed(config: Config): void;
	/** The file is missing, cannot be read or is invalid: nothing changes. */
	failed(error: InvalidConfig): void;
	/** The system does not tell of the file's changes, or does so again; see FileObserver. */
	blind?(error: Error | undefined): void;
}

/**
 * Tells of the config file's every new text, once: a valid config or what is wrong with it.
 * @param options.known the config that is in use: its text is not told. Without it, the text that is there is told.
 */
export function watchConfig(
	path: string,
	observer: ConfigObserver,
	options: LoadOptions & Omit<WatchFileOptions, "known"> & { readonly known?: Config },
): void {
	const { known, registry, env, knownServices = new KnownServices(), ...timing } = options;
	watchFile(
		path,
		{
			changed: ({ content }) => {
				let config: Config;
				try {
					config = parseConfig(content, path, { registry, env, knownServices });
				} catch (error) {
					// Anything else would be a fault in the reading of it; the config in use stays all the same.
					const reason = FingerpostError.from(error);
					observer.failed(reason instanceof InvalidConfig ? reason : unreadable(path, reason));
					return;
				}
				observer.changed(config);
			},
			failed: (error) => observer.failed(unreadable(path, error)),
			blind: (error) => observer.blind?.(error),
		},
		{ ...timing, ...(known ? { known: (content: string) => digestOf(content) === known.digest } : {}) },
	);
}
