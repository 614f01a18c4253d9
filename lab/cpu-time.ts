import { readFile } from "node:fs/promises";

/**
 * Milliseconds that this thread has computed. What holds a server in the same thread up shows in it, and what else runs
 * on the machine does not.
 */
export function cpuTime(): number {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1_000;
}

/** The same of another process, all threads, to 10 ms. */
export async function cpuTimeOf(pid: number): Promise<number> {
	const stat = await readFile(`/proc/${pid}/stat`, "utf8");
	// The name of the program, in brackets, may hold anything.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const [user, system] = fields.slice(11, 13).map(Number) as [number, number];
	return (user + system) * 10;
}
