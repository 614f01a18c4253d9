import { CommanderError } from "commander";
import { FingerpostError, messageOf } from "../util/errors.js";
import { cleanText } from "../util/text/clean-text.js";
import { within } from "../util/within.js";
import type { CliIo } from "./cli-io.js";
import { ProcessOutput } from "./output/process-output.js";
import { createProgram } from "./program.js";

const OK = 0;
const FAILURE = 1;
const USAGE = 2;

/** How long messages may take whose reader does not read: 2 s. */
const MESSAGES_LIMIT_MS = 2_000;

/**
 * Runs a command line.
 * @param argv what stands after the program's name
 * @returns the exit code: 0 ok, 1 failure, 2 usage
 */
export async function runCli(argv: readonly string[]): Promise<number> {
	forgetEmptyVariables(process.env);
	const [stdout, stderr] = [new ProcessOutput(process.stdout), new ProcessOutput(process.stderr, cleanMessage)];
	const io: CliIo = { stdout, stderr, env: process.env, closed: stdout.closed };
	let exitCode = await run(argv, io);
	// Whoever reads data may take the time that it takes.
	await stdout.written;
	if (stdout.failure) {
		stderr.write(`error: cannot write to stdout: ${stdout.failure.message}\n`);
		exitCode = FAILURE;
	}
	// But whoever started this waits for its end.
	if (!(await within(MESSAGES_LIMIT_MS, stderr.written))) process.exit(exitCode);
	return exitCode;
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

/** Error texts hold what sources, servers and files say: nothing of it may drive the terminal. */
function cleanMessage(text: string): string {
	return cleanText(text, { max: Number.POSITIVE_INFINITY, lines: true });
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
