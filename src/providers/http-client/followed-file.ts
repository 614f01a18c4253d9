import { messageOf, SourceFailed } from "../../util/errors.js";
import { expandHome } from "../../util/files/expand-home.js";
import { fileStamp, readTextFile } from "../../util/files/read-text-file.js";

/** Bytes of a token or of certificates. */
const MAX_BYTES = 1024 * 1024;
/** A look at the file serves all who ask within this time, in milliseconds. */
const FRESH_MS = 1_000;

/** The text of a small file, read again once the file has changed. */
export class FollowedFile {
	readonly path: string;
	#stamp: string | undefined;
	#content = "";
	#lookedAt = Number.NEGATIVE_INFINITY;
	#look: Promise<string> | undefined;

	constructor(path: string) {
		this.path = path;
	}

	/** As of a second ago at most. @throws SourceFailed */
	text(): Promise<string> {
		if (!this.#look || performance.now() - this.#lookedAt >= FRESH_MS) {
			this.#lookedAt = performance.now();
			const look = this.#read();
			this.#look = look;
			look.catch(() => {
				if (this.#look === look) this.#look = undefined;
			});
		}
		return this.#look;
	}

	async #read(): Promise<string> {
		try {
			const path = expandHome(this.path);
			if (this.#stamp !== undefined && (await fileStamp(path)) === this.#stamp) return this.#content;
			const { content, stamp } = await readTextFile(path, { maxBytes: MAX_BYTES });
			this.#content = content;
			this.#stamp = stamp;
			return content;
		} catch (cause) {
			this.#stamp = undefined;
			throw new SourceFailed(messageOf(cause), { cause });
		}
	}
}
