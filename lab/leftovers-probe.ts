import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "./wait-until.js";

/** What a process has when all garbage is collected. */
export interface Leftovers {
	/** Each has a certificate and a key. */
	readonly secureContexts: number;
	readonly timers: number;
	/** Bytes. */
	readonly heap: number;
	readonly rss: number;
	readonly descriptors: number;
}

/** What is left in a server, as leftovers-probe.mjs counts it. */
export class LeftoversProbe {
	readonly #path: string;

	/** @param folder for its file. */
	constructor(folder: string) {
		this.#path = join(folder, "leftovers");
	}

	/** For the server's process. */
	get env(): NodeJS.ProcessEnv {
		const hook = new URL("leftovers-probe.mjs", import.meta.url).href;
		return { NODE_OPTIONS: `--import ${hook}`, FINGERPOST_LEFTOVERS_PROBE: this.#path };
	}

	/** Collects, and counts. */
	async count({ pid }: { readonly pid: number }): Promise<Leftovers> {
		const before = this.#lines.length;
		process.kill(pid, "SIGUSR2");
		const line = await waitUntil("it has counted", () => this.#lines[before]);
		return { ...(JSON.parse(line) as Leftovers), descriptors: readdirSync(`/proc/${pid}/fd`).length };
	}

	/** Those that are complete. */
	get #lines(): readonly string[] {
		return existsSync(this.#path) ? readFileSync(this.#path, "utf8").split("\n").slice(0, -1) : [];
	}
}
