import { readdirSync, readFileSync } from "node:fs";

/** What each thread of a process had used when it was last looked at, in nanoseconds: one that has ended still counts. */
const threadsOf = new Map<number, Map<string, number>>();

/** CPU time of a process since its start, all threads, in microseconds, as the kernel's scheduler counts it. */
export function cpuMicros(pid: number): number {
	const threads = threadsOf.get(pid) ?? new Map<string, number>();
	threadsOf.set(pid, threads);
	for (const thread of readdirSync(`/proc/${pid}/task`)) {
		const nanos = nanosOf(`/proc/${pid}/task/${thread}/schedstat`);
		if (nanos !== undefined) threads.set(thread, nanos);
	}
	let sum = 0;
	for (const nanos of threads.values()) sum += nanos;
	return sum / 1_000;
}

/** Undefined for a thread that has ended since it was listed. */
function nanosOf(path: string): number | undefined {
	try {
		return Number(readFileSync(path, "utf8").split(" ", 1)[0]);
	} catch (reason) {
		const { code } = reason as NodeJS.ErrnoException;
		if (code === "ENOENT" || code === "ESRCH") return undefined;
		throw reason;
	}
}

/** Resident memory in KiB. */
export function rssKiB(pid: number): number {
	return statusKiB(pid, "VmRSS");
}

/** The most that it ever was. */
export function mostRssKiB(pid: number): number {
	return statusKiB(pid, "VmHWM");
}

function statusKiB(pid: number, line: string): number {
	return Number(new RegExp(`^${line}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

const STEP_MS = 10;
/** Less than this within a step is a timer or two, not work. */
export const IDLE_MICROS = 100;
/** The same for a process that samples its own stack every millisecond. */
export const PROFILED_IDLE_MICROS = 3_000;

/** CPU time once the process has nothing left to do: two steps in a row without work. At most 10 s. */
export async function settledCpuMicros(pid: number, idleMicros: number): Promise<number> {
	const deadline = performance.now() + 10_000;
	let last = cpuMicros(pid);
	for (let idle = 0; idle < 2; ) {
		if (performance.now() > deadline) throw new Error(`process ${pid} is still busy after 10 s`);
		await new Promise((resolve) => setTimeout(resolve, STEP_MS));
		const now = cpuMicros(pid);
		idle = now - last < idleMicros ? idle + 1 : 0;
		last = now;
	}
	return last;
}
