import { readdirSync, readFileSync } from "node:fs";

/** CPU time of a process since its start, all threads, in microseconds, as the kernel's scheduler counts it. */
export function cpuMicros(pid: number): number {
	let nanos = 0;
	for (const task of readdirSync(`/proc/${pid}/task`)) {
		nanos += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ", 1)[0]);
	}
	return nanos / 1_000;
}

/** Resident memory in KiB. */
export function rssKiB(pid: number): number {
	return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
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
