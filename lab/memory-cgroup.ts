import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "./wait-until.js";

const V1 = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";

/** A group of processes that may use so much memory, and no more: as a container is limited. */
export class MemoryCgroup {
	readonly #path: string;

	private constructor(path: string) {
		this.#path = path;
	}

	/** @returns undefined where this machine does not let. */
	static create(bytes: number): MemoryCgroup | undefined {
		const name = `fingerpost-${process.pid}`;
		const ways = [
			{ path: join(V1, name), limits: { "memory.limit_in_bytes": bytes } },
			{ path: join(V2, name), limits: { "memory.max": bytes, "memory.swap.max": 0 } },
		];
		for (const { path, limits } of ways) {
			try {
				mkdirSync(path);
			} catch {
				continue;
			}
			try {
				for (const [file, value] of Object.entries(limits)) writeFileSync(join(path, file), String(value));
				return new MemoryCgroup(path);
			} catch {
				rmdirSync(path);
			}
		}
		return undefined;
	}

	/** Runs a program within it, as Fingerpost.start() wants it. */
	get under(): readonly string[] {
		return ["sh", "-c", `echo $$ > ${this.#path}/cgroup.procs && exec "$@"`, "sh"];
	}

	/** Whether the kernel has ended one of its processes. */
	get wasTooSmall(): boolean {
		const files = ["memory.oom_control", "memory.events"];
		return files.some((file) => {
			try {
				return /oom_kill [1-9]/.test(readFileSync(join(this.#path, file), "utf8"));
			} catch {
				return false;
			}
		});
	}

	/** Once its processes have gone. */
	async remove(): Promise<void> {
		const isEmpty = () => readFileSync(join(this.#path, "cgroup.procs"), "utf8") === "";
		await waitUntil("the cgroup is empty", isEmpty);
		rmdirSync(this.#path);
	}
}
