const CLOCKS_APART_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The kernel's monotonic clock, in nanoseconds, as `performance.now()` of this process. */
export function fromNanos(nanos: number): number {
	return nanos / 1e6 - CLOCKS_APART_MS;
}
