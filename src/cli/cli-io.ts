/** Where a command's data and messages go. */
export interface CliIo {
	/** Data only. */
	readonly stdout: CliStream;
	/** Messages: errors, hints, logs. */
	readonly stderr: CliStream;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Fires when whoever read stdout has gone (`| head`): a command that goes on for ever ends then. */
	readonly closed: AbortSignal;
}

export interface CliStream {
	write(text: string): unknown;
	readonly isTTY?: boolean;
	/** Characters of a line, of a terminal. */
	readonly columns?: number | undefined;
}

/** Whether to colour what goes to the stream: only on a terminal, and never with NO_COLOR (https://no-color.org). */
export function wantsColour(stream: CliStream, env: CliIo["env"]): boolean {
	return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}
