import { X509Certificate } from "node:crypto";

/** The blocks of a PEM file, each with its two lines of dashes. */
function blocksOf(text: string): readonly string[] {
	return text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g) ?? [];
}

/** Whether the file has a block that does not end: it is being written. */
function isCut(text: string): boolean {
	return (text.match(/-----BEGIN /g)?.length ?? 0) !== (text.match(/-----END [A-Z0-9 ]+-----/g)?.length ?? 0);
}

/**
 * The certificates of a PEM file, in its order.
 * @param name the file's, for the error.
 * @throws Error with a message for people if there is none, or one is not whole.
 */
export function certificatesIn(text: string, name: string): readonly X509Certificate[] {
	const blocks = pemBlocks(text, name, "CERTIFICATE");
	return blocks.map((block) => {
		try {
			return new X509Certificate(block);
		} catch (cause) {
			throw new Error(`${name} holds a certificate that cannot be read`, { cause });
		}
	});
}

/**
 * Its blocks of a kind.
 * @throws Error if there is none, or one is not whole.
 */
export function pemBlocks(text: string, name: string, kind: string): readonly string[] {
	if (isCut(text)) throw new Error(`${name} is not whole: a block begins and does not end`);
	const blocks = blocksOf(text).filter((block) => block.startsWith(`-----BEGIN ${kind}-----`));
	if (blocks.length === 0) throw new Error(`${name} holds no "-----BEGIN ${kind}-----"`);
	return blocks;
}

/** What a block says. */
export function derOf(block: string): Buffer {
	return Buffer.from(block.replace(/-----[^-]+-----/g, ""), "base64");
}
