import { totalmem } from "node:os";

/** Bytes of memory that the process may use: those of the machine, or of its container. */
export function memoryToUse(): number {
	const constrained = process.constrainedMemory();
	// Without a limit it is 0, or a number that no machine has.
	return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
