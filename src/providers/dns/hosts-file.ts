import { isIPv4, isIPv6 } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { canonicalAddress } from "../../model/endpoint-address.js";
import { messageOf } from "../../util/errors.js";
import { isMissing } from "../../util/files/read-text-file.js";
import { watchFile } from "../../util/files/watch-file.js";
import { canonicalName, nameProblem } from "./client/domain-name.js";
import type { AddressType } from "./client/look-up.js";
import { isLoopbackName } from "./client/loopback.js";

/** A name's addresses by their family; a family that the file does not give is empty. */
export type NamedAddresses = Readonly<Record<AddressType, readonly string[]>>;

/** Lists of names to block have a hundred thousand lines; so many are read before others get their turn. */
const LINES_AT_ONCE = 2_000;

/** The names of a hosts file, as its newest text has them. It is followed while somebody listens. */
export class HostsFile {
	readonly #path: string;
	readonly #listeners = new Set<() => void>();
	#names: ReadonlyMap<string, NamedAddresses> = new Map();
	#problem: string | undefined;
	#settled = false;
	#abort: AbortController | undefined;

	constructor(path: string) {
		this.#path = path;
	}

	/** Whether it was read, or is known not to be there. */
	get settled(): boolean {
		return this.#settled;
	}

	/** Why it cannot be read, in a sentence; that there is none is no problem. The names that it had stay. */
	get problem(): string | undefined {
		return this.#problem;
	}

	/** Undefined where the file does not name it. What means the machine itself is no matter of files. */
	addresses(name: string): NamedAddresses | undefined {
		return isLoopbackName(name) ? undefined : this.#names.get(name);
	}

	/**
	 * @param listener called when something of it is another; never from within this call.
	 * @returns ends that; with the last one the file is let go.
	 */
	follow(listener: () => void): () => void {
		// One listener may be given twice.
		const own = () => listener();
		this.#listeners.add(own);
		if (!this.#abort) this.#start();
		return () => {
			if (!this.#listeners.delete(own) || this.#listeners.size > 0) return;
			this.#abort?.abort();
			this.#abort = undefined;
			this.#settled = false;
		};
	}

	#start(): void {
		const abort = new AbortController();
		const { signal } = abort;
		this.#abort = abort;
		watchFile(
			this.#path,
			{
				changed: async ({ content }) => {
					const names = await readHosts(content, signal);
					if (signal.aborted) return;
					this.#names = names;
					this.#tell(undefined);
				},
				failed: (error) => {
					this.#tell(isMissing(error) ? undefined : `${messageOf(error)}; the names in it are not known`);
				},
			},
			{ signal },
		);
	}

	#tell(problem: string | undefined): void {
		this.#problem = problem;
		this.#settled = true;
		for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener();
	}
}

/** Lines that are none are skipped, as everybody skips them. */
async function readHosts(text: string, signal: AbortSignal): Promise<ReadonlyMap<string, NamedAddresses>> {
	const names = new Map<string, Record<AddressType, string[]>>();
	let count = 0;
	for (let begin = 0, end = 0; begin < text.length; begin = end + 1) {
		end = text.indexOf("\n", begin);
		if (end < 0) end = text.length;
		if (++count % LINES_AT_ONCE === 0) {
			await turn();
			if (signal.aborted) break;
		}
		const [address = "", ...aliases] = text.slice(begin, end).replace(/#.*/s, "").trim().split(/\s+/);
		const type = isIPv4(address) ? "A" : isIPv6(address) && !address.includes("%") ? "AAAA" : undefined;
		if (!type) continue;
		for (const alias of aliases) {
			if (nameProblem(alias) !== undefined) continue;
			const name = canonicalName(alias);
			const known = names.get(name) ?? { A: [], AAAA: [] };
			names.set(name, known);
			const canonical = canonicalAddress(address);
			if (!known[type].includes(canonical)) known[type].push(canonical);
		}
	}
	return names;
}
