import { CommanderError } from "commander";
import { cleanText } from "../util/clean-text.js";
import { FingerpostError, messageOf } from "../util/errors.js";
import type { CliIo, CliStream } from "./cli-io.js";
import { createProgram } from "./program.js";

const OK = 0;
const FAILURE = 1;
const USAGE = 2;

/**
 * Runs a command line.
 * @param argv what stands after the program's name
 * @returns the exit code: 0 ok, 1 failure, 2 usage
 */
export async function runCli(argv: readonly string[]): Promise<number> {
	forgetEmptyVariables(process.env);
	const output = watchOutput();
	const io: CliIo = { stdout: output.stdout, stderr: cleanStderr(), env: process.env, closed: output.closed };
	const exitCode = await run(argv, io);
	const failure = await output.failure();
	if (!failure) return exitCode;
	io.stderr.write(`error: cannot write to stdout: ${failure.message}\n`);
	return FAILURE;
}

async function run(argv: readonly string[], io: CliIo): Promise<number> {
	let exitCode = OK;
	const program = createProgram(io, (code) => {
		exitCode = code;
	});
	if (argv.length === 0) {
		program.outputHelp();
		return OK;
	}
	try {
		await program.parseAsync(argv, { from: "user" });
		return exitCode;
	} catch (error) {
		return exitCodeOf(error, io);
	}
}

/** An empty variable, as containers make it of one that is not set, counts as not set. */
function forgetEmptyVariables(env: NodeJS.ProcessEnv): void {
	for (const [name, value] of Object.entries(env)) if (name.startsWith("FINGERPOST_") && value === "") delete env[name];
}

interface Output {
	readonly stdout: CliStream;
	/** Fires when stdout cannot be written to any more. */
	readonly closed: AbortSignal;
	/** Why it cannot, unless whoever read it has just gone; waits for what is on its way. */
	failure(): Promise<Error | undefined>;
}

function watchOutput(): Output {
	const { stdout, stderr } = process;
	const closed = new AbortController();
	let failure: Error | undefined;
	let written: Promise<void> | undefined;
	stdout.on("error", (error: NodeJS.ErrnoException) => {
		// `fingerpost services | head` is no failure: there is just nobody left to write to.
		if (error.code !== "EPIPE") failure ??= error;
		closed.abort();
	});
	// There is no place left to tell of it; the exit code says the rest.
	stderr.on("error", () => {});
	const write = (text: string) => {
		written = new Promise((resolve) => stdout.write(text, () => resolve()));
	};
	return {
		stdout: { write, isTTY: stdout.isTTY },
		closed: closed.signal,
		failure: async () => {
			await written;
			return failure;
		},
	};
}

/** Error texts hold what sources, servers and files say: nothing of it may drive the terminal. */
function cleanStderr(): CliStream {
	return {
		write: (text) => process.stderr.write(cleanText(text, { max: Number.POSITIVE_INFINITY, lines: true })),
		isTTY: process.stderr.isTTY,
	};
}

function exitCodeOf(error: unknown, io: CliIo): number {
	// commander has already said what is wrong.
	if (error instanceof CommanderError) {
		if (error.exitCode === 0) return OK;
		// The command line is right, but what it runs in is not.
		return / from env '\w+' is invalid/.test(error.message) ? FAILURE : USAGE;
	}
	io.stderr.write(`error: ${messageOf(error)}\n`);
	if (!(error instanceof FingerpostError)) {
		io.stderr.write(`${error instanceof Error ? error.stack : ""}\nThis should not happen; please report it.\n`);
		return FAILURE;
	}
	return error.code === "USAGE" ? USAGE : FAILURE;
}
