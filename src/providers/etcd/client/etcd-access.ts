import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { expandHome } from "../../../util/files/expand-home.js";
import { readTextFile } from "../../../util/files/read-text-file.js";
import type { EtcdServer } from "./etcd-server.js";
import { tlsCredentials } from "./tls-credentials.js";

/** Who is asked, and who asks. Files are read again for each connection. */
export interface EtcdAccess {
	/** In the order in which they are tried; one at least. */
	readonly endpoints: readonly EtcdServer[];
	readonly username?: string | undefined;
	readonly password?: string | undefined;
	readonly passwordFile?: string | undefined;
	/** Paths of PEM files. */
	readonly ca?: string | undefined;
	readonly cert?: string | undefined;
	readonly key?: string | undefined;
}

/** More than any certificate has. */
const MAX_BYTES = 1024 * 1024;

/** @throws SourceFailed if a file cannot be read or holds no certificate or key. */
export async function channelCredentials(
	{ address, secure }: EtcdServer,
	{ ca, cert, key }: EtcdAccess,
	signal: AbortSignal,
): Promise<ChannelCredentials> {
	if (!secure) return credentials.createInsecure();
	const [root, chain, own] = await Promise.all([ca, cert, key].map((path) => contentOf(path, signal)));
	try {
		return tlsCredentials(address, { ca: bytesOf(root), key: bytesOf(own), cert: bytesOf(chain) });
	} catch (cause) {
		throw new SourceFailed(`the TLS files cannot be used: ${messageOf(cause)}`, { cause });
	}
}

/** The password as it stands in the settings or, without a last line break, in its file. @throws SourceFailed */
export async function passwordOf({ password, passwordFile }: EtcdAccess, signal: AbortSignal): Promise<string> {
	return password ?? (await contentOf(passwordFile, signal))?.replace(/\r?\n$/, "") ?? "";
}

async function contentOf(path: string | undefined, signal: AbortSignal): Promise<string | undefined> {
	if (path === undefined) return undefined;
	try {
		return (await readTextFile(expandHome(path), { maxBytes: MAX_BYTES, signal })).content;
	} catch (cause) {
		signal.throwIfAborted();
		throw new SourceFailed(messageOf(cause), { cause });
	}
}

function bytesOf(text: string | undefined): Buffer | null {
	return text === undefined ? null : Buffer.from(text);
}
