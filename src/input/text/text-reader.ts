import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../util/errors.js";
import { type Finding, fileProblem, type PlacedProblem } from "../problem.js";
import { looksLikeJson } from "./json-text.js";
import { placeFindings, type ReadTextOptions, readText, type TextRead, unplaced } from "./read-text.js";
import { putPart, type ValuePart } from "./value-parts.js";

export interface ReadingTask {
	readonly text: string;
	readonly options: ReadTextOptions;
	/** What is to be placed in the text; without them it is read. */
	readonly findings?: readonly Finding[] | undefined;
}

/** What was read of a text with the number of parts that its value lacks, or where the findings are. */
export type ReadingAnswer =
	| { readonly read: TextRead; readonly parts: number; readonly placed?: undefined }
	| { readonly placed: readonly PlacedProblem[] };

export interface TextReaderOptions {
	/** Characters of YAML that are read at once; 16,384. */
	readonly yamlAtOnce?: number;
	/** Characters of JSON that are read at once; 262,144. */
	readonly jsonAtOnce?: number;
	/** Milliseconds that a text may take; 30,000. */
	readonly limit?: number;
	/** Milliseconds without a text after which the worker ends; 30,000. */
	readonly idle?: number;
}

/**
 * Reads texts without holding the event loop: small ones at once, in a few milliseconds, larger ones one after the other
 * in a worker. It starts with the first of them and ends when none has come for a while; it keeps no process alive.
 */
export class TextReader {
	readonly #options: Required<TextReaderOptions>;
	#worker: Worker | undefined;
	#idle: NodeJS.Timeout | undefined;
	#last: Promise<unknown> = Promise.resolve();

	constructor(options: TextReaderOptions = {}) {
		this.#options = {
			yamlAtOnce: 16_384,
			jsonAtOnce: 262_144,
			limit: 30_000,
			idle: 30_000,
			...options,
		};
	}

	/** As readText; what the worker cannot read in its limits is a broken text. */
	async read(text: string, options: ReadTextOptions): Promise<TextRead> {
		const { yamlAtOnce, jsonAtOnce } = this.#options;
		if (text.length <= yamlAtOnce || (text.length <= jsonAtOnce && looksLikeJson(text))) return readText(text, options);
		try {
			const answer = await this.#inTurn({ text, options });
			if (answer.placed) throw new Error("cannot be read: the worker has not read it");
			return answer.read;
		} catch (error) {
			return { value: undefined, problems: [fileProblem(options.file, messageOf(error))], broken: true };
		}
	}

	/** As placeFindings; without lines where the worker cannot find them in its limits. */
	async place(text: string, findings: readonly Finding[], options: ReadTextOptions): Promise<readonly PlacedProblem[]> {
		if (text.length <= this.#options.yamlAtOnce) return placeFindings(text, findings, options);
		try {
			const { placed } = (await this.#inTurn({ text, options, findings })) as { placed?: readonly PlacedProblem[] };
			return placed ?? [];
		} catch {
			return findings.map((finding) => unplaced(finding, text, options));
		}
	}

	/** Ends the worker; the next large text starts another. */
	async [Symbol.asyncDispose](): Promise<void> {
		clearTimeout(this.#idle);
		if (this.#worker) await this.#end(this.#worker);
	}

	#inTurn(task: ReadingTask): Promise<ReadingAnswer> {
		const answer = this.#last.then(() => this.#ask(task));
		this.#last = answer.catch(() => {});
		return answer;
	}

	async #ask({ text, options: { file, maxItems, variables }, findings }: ReadingTask): Promise<ReadingAnswer> {
		const worker = this.#started();
		const { limit, idle } = this.#options;
		clearTimeout(this.#idle);
		worker.ref();
		const end = new AbortController();
		const give = (reason: string) => end.abort(new Error(reason));
		const timer = setTimeout(() => give(`cannot be read within ${limit / 1_000} s; make it smaller`), limit);
		const ended = () => give("cannot be read: the worker has ended");
		worker.once("exit", ended);
		try {
			// The environment is no plain object, and of no use to a text without variables.
			const named = variables && (text.includes("$") ? { ...variables } : {});
			const options = { file, variables: named, maxItems };
			const answer = (await asked(worker, { text, options, findings }, end.signal)) as ReadingAnswer;
			for (let left = answer.placed ? 0 : answer.parts; left > 0; left--) {
				// A large value takes its time, even for being handed over.
				await turn();
				if (!answer.placed) putPart(answer.read.value, (await asked(worker, "more", end.signal)) as ValuePart);
			}
			return answer;
		} catch (error) {
			void this.#end(worker);
			if (error instanceof Error && error.name === "AbortError") throw end.signal.reason;
			throw error;
		} finally {
			clearTimeout(timer);
			worker.off("exit", ended);
			worker.unref();
			this.#idle = setTimeout(() => void this.#end(worker), idle).unref();
		}
	}

	async #end(worker: Worker): Promise<void> {
		if (this.#worker === worker) this.#worker = undefined;
		await worker.terminate();
	}

	#started(): Worker {
		if (this.#worker) return this.#worker;
		const worker = new Worker(new URL("./reading-worker.js", import.meta.url), { name: "reading" });
		// A failure is told to who waits for the answer; while nobody does there is nothing to tell.
		worker.on("error", () => {});
		worker.once("exit", () => {
			if (this.#worker === worker) this.#worker = undefined;
		});
		this.#worker = worker;
		return worker;
	}
}

async function asked(worker: Worker, task: ReadingTask | "more", signal: AbortSignal): Promise<unknown> {
	worker.postMessage(task);
	const [answer] = await once(worker, "message", { signal });
	return answer;
}

/** The reader of this process: it ends by itself. */
export const textReader = new TextReader();
