import { MAX_CONFIG_BYTES, unreadable } from "../../config/load.js";
import { readTextFile } from "../../util/files/read-text-file.js";

export interface ConfigText {
	readonly text: string;
	/** Its name in messages. */
	readonly name: string;
}

/**
 * The text of a config file of at most 64 MiB, or of stdin for `-`.
 * @throws InvalidConfig where it cannot be read
 */
export async function configText(file: string): Promise<ConfigText> {
	const name = file === "-" ? "stdin" : file;
	try {
		const text =
			file === "-" ? await allOf(process.stdin) : (await readTextFile(file, { maxBytes: MAX_CONFIG_BYTES })).content;
		return { text, name };
	} catch (error) {
		throw unreadable(name, error);
	}
}

async function allOf(input: AsyncIterable<Buffer>): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of input) {
		bytes += chunk.length;
		if (bytes > MAX_CONFIG_BYTES) throw new Error(`has more than ${MAX_CONFIG_BYTES} bytes`);
		chunks.push(chunk);
	}
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
	} catch (cause) {
		throw new Error("is not UTF-8", { cause });
	}
}
