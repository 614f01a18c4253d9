import { constants } from "node:os";

/**
 * Signals that would end the process, or start Node's debugger (SIGUSR1), though nobody asked it to stop. Not among them:
 * SIGPIPE, which Node ignores by itself; job control (SIGTSTP and the like); and what tells of a fault of the process
 * itself (SIGSEGV, SIGABRT …).
 */
const STRAY = [
	"SIGUSR1",
	"SIGUSR2",
	"SIGALRM",
	"SIGVTALRM",
	"SIGPROF",
	"SIGQUIT",
	"SIGIO",
	"SIGPWR",
	"SIGSTKFLT",
	"SIGXCPU",
	"SIGXFSZ",
] as const satisfies readonly NodeJS.Signals[];

/** Ignores every signal that means nothing to a server, for as long as the process lives. */
export function ignoreStraySignals(): void {
	for (const signal of STRAY) if (signal in constants.signals) process.on(signal, () => {});
}
