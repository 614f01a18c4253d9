import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How long a server's event loop was held, as loop-probe.mjs notes it. */
export class LoopProbe {
	readonly #path = join(tmpdir(), `fingerpost-loop-${process.pid}-${Math.random().toString(36).slice(2)}`);

	/** For the server's process. */
	get env(): NodeJS.ProcessEnv {
		const hook = new URL("loop-probe.mjs", import.meta.url).href;
		return { NODE_OPTIONS: `--import ${hook}`, FINGERPOST_LOOP_PROBE: this.#path };
	}

	/** The longest time since then, in milliseconds of computing on the usual machine. @param since of `Date.now()`. */
	longest(since: number): number {
		if (!existsSync(this.#path)) return 0;
		const lines = readFileSync(this.#path, "utf8").trimEnd().split("\n");
		const holds = lines.map((line) => line.split(" ").map(Number) as [number, number]);
		return Math.max(0, ...holds.filter(([at]) => at >= since).map(([, held]) => held));
	}
}
