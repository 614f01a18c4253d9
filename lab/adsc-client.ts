import { Child } from "./child.js";
import type { Mode } from "./envoy-bootstrap.js";
import { waitUntil } from "./wait-until.js";

/** Of each cluster its endpoints, as `ADDRESS:PORT HEALTH WEIGHT`. */
export type AdscState = Readonly<Record<string, readonly string[] | null>>;

/** Istio's own ADS client in a process of its own: see lab/clients/README.md. */
export class AdscClient implements AsyncDisposable {
	readonly #child: Child;

	constructor(program: string, port: number, mode: Mode) {
		this.#child = new Child(program, [`127.0.0.1:${port}`, mode], { stdio: ["pipe", "pipe", "pipe"] });
	}

	get state(): AdscState {
		return JSON.parse(this.#newest) as AdscState;
	}

	/** Among the lines is also what adsc logs. */
	get #newest(): string {
		return this.#child.stdout.findLast((line) => line.startsWith("{")) ?? "{}";
	}

	/** Waits until it has just that. */
	async has(state: AdscState): Promise<void> {
		const wanted = JSON.stringify(state);
		await waitUntil(`it has ${wanted}`, () => {
			if (this.#newest === wanted) return true;
			throw new Error(`${this.#newest}\n${this.#child.tail}`);
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#child[Symbol.asyncDispose]();
	}
}
