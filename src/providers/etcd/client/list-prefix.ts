import { setImmediate as turn } from "node:timers/promises";
import { endOfPrefix, type KeyValue } from "./etcd-calls.js";
import type { EtcdConnection } from "./etcd-connection.js";
import { EtcdFailed } from "./etcd-errors.js";

/** Bytes of the keys and values of a prefix. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Keys that are asked for at once; fewer where their values are large. */
const PAGE = 500;

export interface ListOptions {
	readonly prefix: Buffer;
	/** What it is for, in the words of a failure. */
	readonly what: string;
	/** Keys that are taken; more are a mistake, or want to fill the memory. */
	readonly most: number;
	/** Takes each page; the next one is asked for when it is done. */
	page(keys: readonly KeyValue[]): void | Promise<void>;
}

/**
 * All keys that begin so, page by page, at one revision.
 * @returns the revision.
 * @throws EtcdFailed; nothing of what the pages brought counts then.
 */
export async function listPrefix(
	connection: EtcdConnection,
	{ prefix, what, most, page }: ListOptions,
): Promise<number> {
	const rangeEnd = endOfPrefix(prefix);
	let limit = PAGE;
	let key = prefix;
	let revision = 0;
	let bytes = 0;
	for (;;) {
		let answer: Awaited<ReturnType<EtcdConnection["range"]>>;
		try {
			answer = await connection.range({ key, rangeEnd, limit, revision }, what);
		} catch (error) {
			if (!(error instanceof EtcdFailed) || error.kind !== "too-large") throw error;
			if (limit === 1) throw new EtcdFailed("prefix", error.message, { cause: error });
			limit = Math.ceil(limit / 10);
			continue;
		}
		const { header, kvs, more, count } = answer;
		if (!header || header.revision <= 0) throw new EtcdFailed("server", `cannot ${what}: the answer has no revision`);
		if (count > most) throw tooMany(what, `${count} keys, and a target may have ${most}: raise maxEndpoints`);
		revision ||= header.revision;
		for (const each of kvs) bytes += each.key.length + each.value.length;
		if (bytes > MOST_BYTES)
			throw tooMany(what, `more than the ${MOST_BYTES / 1024 / 1024} MiB that are read: make the values smaller`);
		await page(kvs);
		const last = kvs.at(-1);
		if (!more || !last) return revision;
		key = Buffer.concat([last.key, Buffer.from([0])]);
		await turn();
	}
}

function tooMany(what: string, found: string): EtcdFailed {
	return new EtcdFailed("prefix", `cannot ${what}: there are ${found}, or use a longer prefix`);
}
