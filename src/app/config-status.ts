import type { ConfigJson, ListenerCertificate } from "../admin/config-json.js";
import { InvalidConfig } from "../input/invalid-config.js";
import type { Problem } from "../input/problem.js";

/** Problems of a config that are kept to be shown. */
const MAX_PROBLEMS = 50;

/** Which config is in use, and how the newest attempt to take one over went. */
export class ConfigStatus {
	readonly #file: string | null;
	#loadedAt = new Date();
	#lastReload: ConfigJson["lastReload"] = null;

	/** @param file where it is read from; none unless given. */
	constructor(file?: string) {
		this.#file = file ?? null;
	}

	/** The file, where what is in use is what stood there last. */
	get fileInUse(): string | undefined {
		return this.#lastReload?.success === false ? undefined : (this.#file ?? undefined);
	}

	reloaded(): void {
		this.#loadedAt = new Date();
		this.#lastReload = { at: this.#loadedAt.toISOString(), success: true, error: null, problems: [] };
	}

	failed(error: Error): void {
		const problems = error instanceof InvalidConfig ? error.problems.slice(0, MAX_PROBLEMS).map(problemJson) : [];
		this.#lastReload = { at: new Date().toISOString(), success: false, error: error.message, problems };
	}

	/** @param certificates those in use. */
	json(certificates: Iterable<ListenerCertificate> = []): ConfigJson {
		return {
			certificates: [...certificates],
			file: this.#file,
			loadedAt: this.#loadedAt.toISOString(),
			lastReload: this.#lastReload,
		};
	}
}

function problemJson({ file, line, column, path, message }: Problem) {
	return { file: file ?? null, line: line ?? null, column: column ?? null, path, message };
}
