import type { Endpoint } from "../model/endpoint.js";
import { diffEndpoints, type EndpointDiff } from "../model/endpoint-diff.js";
import type { Target } from "../model/target.js";
import type { FingerpostError } from "../util/errors.js";
import type { Registry } from "./registry.js";
import { TargetWatch } from "./target-watch.js";

/** What became of a target's endpoints since the event before. */
export interface WatchEvent extends EndpointDiff {
	/** `add` and `delete` where there were only additions or only removals, and for the first event; else `update`. */
	readonly type: "add" | "update" | "delete";
	/** The full present list, always. */
	readonly endpoints: readonly Endpoint[];
}

export interface WatchOptions {
	/** Ends the watch; the iteration then ends without an error. */
	readonly signal: AbortSignal;
	/** Told when the source fails, and again when it fails otherwise; the last known endpoints stay. */
	readonly onError?: (error: FingerpostError) => void;
}

/**
 * The present state, then each change. Only the newest state waits for a slow reader: what it missed is one event.
 */
export async function* watchEvents(
	registry: Registry,
	target: Target,
	{ signal, onError }: WatchOptions,
): AsyncGenerator<WatchEvent, void, undefined> {
	if (signal.aborted) return;
	let wake = () => {};
	const watch = new TargetWatch(target, () => wake(), onError);
	const end = () => wake();
	signal.addEventListener("abort", end, { once: true });
	try {
		watch.start(registry);
		let last: readonly Endpoint[] | undefined;
		while (!signal.aborted) {
			const { endpoints } = watch;
			if (endpoints === undefined || endpoints === last) {
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
				continue;
			}
			const diff = diffEndpoints(last ?? [], endpoints);
			const event = { type: last === undefined ? ("add" as const) : typeOf(diff), endpoints, ...diff };
			last = endpoints;
			yield event;
		}
	} finally {
		signal.removeEventListener("abort", end);
		watch.stop();
	}
}

function typeOf({ added, removed, changed }: EndpointDiff): WatchEvent["type"] {
	if (changed.length > 0 || (added.length > 0 && removed.length > 0)) return "update";
	return removed.length > 0 ? "delete" : "add";
}
