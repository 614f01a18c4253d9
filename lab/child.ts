import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PATIENCE } from "./patience.js";

/** How a process ended. */
export interface Exit {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();
// The last resort: no process outlives the test run, even where a test was torn down hard.
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

/** A process that a test started, and its output line by line. */
export class Child {
	readonly process: ChildProcess;
	readonly stdout: string[] = [];
	readonly stderr: string[] = [];
	/** Settles when the process has ended and its output is complete. */
	readonly exited: Promise<Exit>;
	#exit: Exit | undefined;

	constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
		this.process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
		running.add(this.process);
		for (const name of ["stdout", "stderr"] as const) {
			const stream = this.process[name];
			if (stream) createInterface({ input: stream }).on("line", (line) => this[name].push(line));
		}
		this.exited = new Promise((resolve, reject) => {
			this.process.once("error", reject);
			this.process.once("close", (code, signal) => {
				running.delete(this.process);
				this.#exit = { code, signal };
				resolve(this.#exit);
			});
		});
		this.exited.catch(() => running.delete(this.process));
	}

	get pid(): number {
		if (this.process.pid === undefined) throw new Error("the process did not start");
		return this.process.pid;
	}

	/** Undefined while it runs. */
	get exit(): Exit | undefined {
		return this.#exit;
	}

	/** The end of what it wrote, for error messages. */
	get tail(): string {
		return [...this.stdout.slice(-5), ...this.stderr.slice(-20)].join("\n");
	}

	/** Sends the signal and waits for the end; after `timeout` ms (60 s by default) it is killed and this throws. */
	async kill(signal: NodeJS.Signals = "SIGTERM", timeout = PATIENCE): Promise<Exit> {
		if (this.#exit) return this.#exit;
		this.process.kill(signal);
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => {
				this.process.kill("SIGKILL");
				reject(new Error(`the process did not end within ${timeout} ms after ${signal}:\n${this.tail}`));
			}, timeout);
		});
		try {
			return await Promise.race([this.exited, late]);
		} finally {
			clearTimeout(timer);
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.kill("SIGKILL");
	}
}
