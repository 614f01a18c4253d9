import { writeFile } from "node:fs/promises";
import { FingerpostError, messageOf } from "../../util/errors.js";
import type { CliIo } from "../cli-io.js";
import { FIRST_CONFIG } from "../example/first-config.js";

export interface InitOptions {
	/** Whether a file that is there may be replaced. */
	readonly force?: boolean;
}

/**
 * Writes a config to begin with, with comments.
 * @throws FingerpostError INVALID_CONFIG where the file is there already, or cannot be written
 */
export async function init(file: string, { force = false }: InitOptions, io: CliIo): Promise<number> {
	try {
		await writeFile(file, FIRST_CONFIG, { flag: force ? "w" : "wx" });
	} catch (cause) {
		const isThere = (cause as NodeJS.ErrnoException).code === "EEXIST";
		const why = isThere ? "it is there already; --force writes over it" : messageOf(cause);
		throw new FingerpostError("INVALID_CONFIG", `${file} is not written: ${why}`, { cause });
	}
	io.stdout.write(`${file} is written: change its services, then run fingerpost serve --config ${file}\n`);
	return 0;
}
