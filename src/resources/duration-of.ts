import type { Duration } from "../gen/google/protobuf/duration.js";

/** @param ms a whole number of milliseconds. */
export function durationOf(ms: number): Duration {
	return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 };
}
