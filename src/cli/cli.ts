import { CommanderError } from "commander";
import { FingerpostError, messageOf } from "../util/errors.js";
import type { CliIo } from "./cli-io.js";
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
	const closed = new AbortController();
	const onError = (error: NodeJS.ErrnoException) => {
		// `fingerpost services | head` is no failure: there is just nobody left to write to.
		if (error.code === "EPIPE") closed.abort();
		else throw error;
	};
	process.stdout.on("error", onError);
	process.stderr.on("error", onError);
	const { stdout, stderr, env } = process;
	const io: CliIo = { stdout, stderr, env, closed: closed.signal };

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

function exitCodeOf(error: unknown, io: CliIo): number {
	// commander has already said what is wrong.
	if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
	io.stderr.write(`error: ${messageOf(error)}\n`);
	if (!(error instanceof FingerpostError)) {
		io.stderr.write(`${error instanceof Error ? error.stack : ""}\nThis should not happen; please report it.\n`);
		return FAILURE;
	}
	return error.code === "USAGE" ? USAGE : FAILURE;
}
