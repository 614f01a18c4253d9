import { type ReadEndpointsOptions, readEndpoints, TooManyEndpoints } from "../../input/endpoint-file.js";
import { KnownEndpoints } from "../../input/known-endpoints.js";
import type { Endpoint, Origin } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { messageOf, ServiceNotFound, SourceFailed } from "../../util/errors.js";
import { isMissing, readTextFile, type TextFile } from "../../util/files/read-text-file.js";
import { type WatchFileOptions, watchFile } from "../../util/files/watch-file.js";
import type { DiscoverLimits, Provider, ProviderWatchOptions, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { tooMany } from "../watch/max-endpoints.js";
import { endpointLines } from "./endpoint-lines.js";
import { DEFAULT_MAX_BYTES } from "./file-options.js";
import { readFileTarget } from "./file-target.js";

/** The largest file that is read, in bytes, 16 MiB unless given; and the times of the watch, see watchFile. */
export type FileProviderOptions = Pick<WatchFileOptions, "maxBytes" | "quiet" | "atMost" | "poll">;

/**
 * `file:///path/endpoints.yaml`: a YAML or JSON list of endpoints, read again whenever it changes.
 * A missing, empty or invalid file is a failure; only `[]` says that there are no endpoints.
 */
export class FileProvider implements Provider {
	readonly live = true;
	readonly #options: FileProviderOptions;

	constructor(options: FileProviderOptions = {}) {
		this.#options = { ...options, maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES };
	}

	async discover(target: Target, { signal, maxEndpoints }: DiscoverLimits): Promise<readonly Endpoint[]> {
		const { path } = readOrThrow(target, readFileTarget);
		let file: TextFile;
		try {
			file = await readTextFile(path, { signal, maxBytes: this.#options.maxBytes });
		} catch (cause) {
			signal.throwIfAborted();
			if (isMissing(cause)) throw new ServiceNotFound(messageOf(cause), { cause });
			throw new SourceFailed(messageOf(cause), { cause });
		}
		return endpointsOf(target, file, { signal, most: maxEndpoints?.() });
	}

	/** The line in which each endpoint begins, in the file as it is now. */
	async locate(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<ReadonlyMap<string, string>> {
		const { path } = readOrThrow(target, readFileTarget);
		const { content } = await readTextFile(path, { signal, maxBytes: this.#options.maxBytes });
		const lines = await endpointLines(content, path, signal);
		return new Map([...lines].map(([address, line]) => [address, `line ${line}`]));
	}

	watch(target: Target, observer: TargetObserver, { signal, maxEndpoints }: ProviderWatchOptions): void {
		const read = readFileTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		let blind: string | undefined;
		let last: { readonly endpoints: readonly Endpoint[]; readonly changedAt: Date } | undefined;
		const known = new KnownEndpoints();
		const tell = () => {
			if (!last) return;
			const { endpoints, changedAt } = last;
			observer.endpoints(endpoints, { changedAt, ...(blind === undefined ? {} : { notes: [blind] }) });
		};
		watchFile(
			read.path,
			{
				changed: async (file) => {
					let endpoints: readonly Endpoint[];
					try {
						endpoints = await endpointsOf(target, file, { known, signal, most: maxEndpoints?.() });
					} catch (error) {
						if (signal.aborted) return;
						last = undefined;
						observer.failed(SourceFailed.from(error, "SOURCE_FAILED"));
						return;
					}
					if (signal.aborted) return;
					last = { endpoints, changedAt: file.modifiedAt };
					tell();
				},
				failed: (cause) => {
					last = undefined;
					observer.failed(new SourceFailed(messageOf(cause), { cause }));
				},
				blind: (error) => {
					blind = error && messageOf(error);
					tell();
				},
			},
			{ ...this.#options, signal },
		);
	}
}

/** @throws SourceFailed; what the signal says, when it ends the reading. */
async function endpointsOf(
	target: Target,
	{ content, modifiedAt }: TextFile,
	options: Omit<ReadEndpointsOptions, "file">,
): Promise<readonly Endpoint[]> {
	const origin: Origin = { target: target.text, object: target.path, at: modifiedAt };
	try {
		const endpoints = await readEndpoints(content, { ...options, file: target.path });
		return endpoints.map((endpoint) => ({ ...endpoint, origin }));
	} catch (cause) {
		options.signal.throwIfAborted();
		if (cause instanceof TooManyEndpoints) throw tooMany(cause.count, cause.most);
		throw new SourceFailed(messageOf(cause), { cause });
	}
}
