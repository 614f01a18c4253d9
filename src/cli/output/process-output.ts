import type { CliStream } from "../cli-io.js";

/** Stdout or stderr of the process: a failure to write it is remembered, and throws nothing. */
export class ProcessOutput implements CliStream {
	readonly #stream: NodeJS.WriteStream;
	readonly #clean: (text: string) => string;
	readonly #closed = new AbortController();
	#failure: Error | undefined;
	#written: Promise<void> | undefined;

	/** @param clean what is done to a text before it is written */
	constructor(stream: NodeJS.WriteStream, clean = (text: string) => text) {
		this.#stream = stream;
		this.#clean = clean;
		stream.on("error", (error: NodeJS.ErrnoException) => {
			// `fingerpost services | head` is no failure: there is just nobody left to write to.
			if (error.code !== "EPIPE") this.#failure ??= error;
			this.#closed.abort();
		});
	}

	get isTTY(): boolean {
		return this.#stream.isTTY;
	}

	/** Of a terminal. One that does not say how wide it is counts as 80. */
	get columns(): number | undefined {
		return this.isTTY ? this.#stream.columns || 80 : undefined;
	}

	/** Fires when it cannot be written to any more. */
	get closed(): AbortSignal {
		return this.#closed.signal;
	}

	/** Why it cannot, unless whoever read it has just gone. */
	get failure(): Error | undefined {
		return this.#failure;
	}

	/** Settles when all that was written so far has been taken, or has failed. */
	get written(): Promise<void> | undefined {
		return this.#written;
	}

	write(text: string): void {
		this.#written = new Promise((resolve) => this.#stream.write(this.#clean(text), () => resolve()));
	}
}
