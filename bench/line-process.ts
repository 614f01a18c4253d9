import { createInterface } from "node:readline";
import { Child } from "../lab/child.js";

const LIMIT_MS = 60_000;

/** A program that is told by lines what to do and answers by lines. Its input's end lets it end too. */
export class LineProcess implements AsyncDisposable {
	readonly child: Child;
	readonly #name: string;
	readonly #lines: string[] = [];
	#waiting: ((line: string) => void) | undefined;
	readonly #ended: Promise<never>;

	constructor(name: string, command: string, args: readonly string[]) {
		this.#name = name;
		this.child = new Child(command, args, { stdio: ["pipe", "pipe", "pipe"] });
		const { stdin, stdout } = this.child.process;
		// What is written after its end is missed by nobody: the end itself is told below.
		stdin?.on("error", () => {});
		if (stdout) createInterface({ input: stdout }).on("line", (line) => this.#said(line));
		this.#ended = this.child.exited.then(() => {
			throw new Error(`${name} ended\n${this.child.tail}`);
		});
		this.#ended.catch(() => {});
	}

	get pid(): number {
		return this.child.pid;
	}

	tell(line: string): void {
		this.child.process.stdin?.write(`${line}\n`);
	}

	/** The next line that it says; one caller at a time. At most a minute. */
	async line(): Promise<string> {
		const next = this.#lines.shift();
		if (next !== undefined) return next;
		const { promise, resolve, reject } = Promise.withResolvers<string>();
		this.#waiting = resolve;
		const timer = setTimeout(() => reject(new Error(`${this.#name} said nothing for ${LIMIT_MS} ms`)), LIMIT_MS);
		try {
			return await Promise.race([promise, this.#ended]);
		} finally {
			clearTimeout(timer);
			this.#waiting = undefined;
		}
	}

	#said(line: string): void {
		if (this.#waiting) {
			this.#waiting(line);
			this.#waiting = undefined;
		} else this.#lines.push(line);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.child.kill("SIGTERM");
	}
}
