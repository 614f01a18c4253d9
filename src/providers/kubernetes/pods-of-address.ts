import { compareText } from "../../model/endpoint.js";
import type { Slice, SliceEndpoint } from "./api/endpoint-slice.js";

/** What a slice says of an address and port. */
export interface Said {
	readonly slice: Slice;
	readonly each: SliceEndpoint;
	readonly address: string;
	readonly port: number;
}

/**
 * Which of all that is said of one address and port counts. A host network or an address that is given again makes
 * two pods share one: then the pod that serves best counts, as kube-proxy has it. Of one pod that stands in two slices
 * while it moves, the newer slice counts, whatever it says.
 */
export function bestOf<S extends Said>(said: readonly S[]): S {
	const [only] = said;
	if (said.length === 1 && only) return only;
	const newest = new Map<string, S>();
	for (const one of said) {
		const pod = one.each.podId ?? "";
		const other = newest.get(pod);
		if (!other || compareOfOnePod(one, other) < 0) newest.set(pod, one);
	}
	return [...newest.values()].sort((a, b) => compareUse(a, b) || compareOfOnePod(a, b))[0] as S;
}

/** The newer slice first, by its resource version: a decimal number. */
export function newestFirst(a: Slice, b: Slice): number {
	return b.revision.length - a.revision.length || compareText(b.revision, a.revision) || compareText(a.name, b.name);
}

function compareOfOnePod(a: Said, b: Said): number {
	return newestFirst(a.slice, b.slice) || compareUse(a, b) || compareText(textOf(a), textOf(b));
}

/** Ready before serving and terminating, before what is not ready, before what terminates and serves no more. */
function compareUse(a: Said, b: Said): number {
	return rankOf(a.each) - rankOf(b.each);
}

function rankOf({ ready, serving, terminating }: SliceEndpoint): number {
	if (ready) return 0;
	if (serving && terminating) return 1;
	return terminating ? 3 : 2;
}

/** All that is left to tell two apart, so that the order in the slice decides nothing. */
function textOf({ each }: Said): string {
	return JSON.stringify([each.podId, each.node, each.zone, each.hostname, each.serving, each.zoneHints]);
}
