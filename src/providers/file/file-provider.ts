import { parseEndpoints } from "../../input/endpoint-file.js";
import { KnownEndpoints } from "../../input/known-endpoints.js";
import type { Endpoint, Origin } from "../../model/endpoint.js";
import type { Target } from "../../model/target.js";
import { messageOf, ServiceNotFound, SourceFailed } from "../../util/errors.js";
import { isMissing, readTextFile, type TextFile } from "../../util/read-text-file.js";
import { type WatchFileOptions, watchFile } from "../../util/watch-file.js";
import type { Provider, TargetObserver } from "../provider.js";
import { invalidTarget, readOrThrow } from "../read-target.js";
import { readFileTarget } from "./file-target.js";

/**
 * `file:///path/endpoints.yaml`: a YAML or JSON list of endpoints, read again whenever it changes. A missing, empty or
 * invalid file is a failure; only `[]` says that there are no endpoints.
 */
export class FileProvider implements Provider {
	readonly #timing: Pick<WatchFileOptions, "quiet" | "atMost" | "poll">;

	/** @param timing of the watch, in milliseconds; see watchFile. */
	constructor(timing: Pick<WatchFileOptions, "quiet" | "atMost" | "poll"> = {}) {
		this.#timing = timing;
	}

	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		const { path } = readOrThrow(target, readFileTarget);
		let file: TextFile;
		try {
			file = await readTextFile(path, { signal });
		} catch (cause) {
			signal.throwIfAborted();
			if (isMissing(cause)) throw new ServiceNotFound(messageOf(cause), { cause });
			throw new SourceFailed(messageOf(cause), { cause });
		}
		return endpointsOf(target, file);
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		const read = readFileTarget(target);
		if (typeof read === "string") {
			observer.failed(invalidTarget(target, read));
			return;
		}
		let blind: string | undefined;
		let last: TextFile | undefined;
		const known = new KnownEndpoints();
		const tell = (file: TextFile) => {
			let list: readonly Endpoint[];
			try {
				list = endpointsOf(target, file, known);
			} catch (error) {
				last = undefined;
				observer.failed(SourceFailed.from(error, "SOURCE_FAILED"));
				return;
			}
			last = file;
			observer.endpoints(list, { changedAt: file.modifiedAt, ...(blind === undefined ? {} : { notes: [blind] }) });
		};
		watchFile(
			read.path,
			{
				changed: tell,
				failed: (cause) => {
					last = undefined;
					observer.failed(new SourceFailed(messageOf(cause), { cause }));
				},
				blind: (error) => {
					blind = error && messageOf(error);
					if (last) tell(last);
				},
			},
			{ ...this.#timing, signal },
		);
	}
}

/** @throws SourceFailed */
function endpointsOf(target: Target, { content, modifiedAt }: TextFile, known?: KnownEndpoints): readonly Endpoint[] {
	const origin: Origin = { target: target.text, object: target.path, at: modifiedAt };
	try {
		return parseEndpoints(content, target.path, known).map((endpoint) => ({ ...endpoint, origin }));
	} catch (cause) {
		throw new SourceFailed(messageOf(cause), { cause });
	}
}
