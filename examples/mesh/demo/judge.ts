import { BACKENDS, type BackendName, type Shares } from "./back-ends.js";

/** Requests that a back end answered. */
export type Counts = Readonly<Record<BackendName, number>>;

/**
 * The largest deviation of a share that is still taken for chance. gRPC clients pick at random: of 500 requests the
 * share of a back end has a standard deviation of 0.022 at most, so this is five of them.
 */
const TOLERANCE = 0.11;

/** Says what is wrong with how requests were divided; undefined if nothing is. */
export function judge(counts: Counts, shares: Shares): string | undefined {
	const total = sum(counts);
	if (total === 0) return "no request was answered";
	for (const name of BACKENDS) {
		const wanted = shares[name] / sum(shares);
		const got = counts[name] / total;
		if (wanted === 0 && counts[name] > 0)
			return `${name} got ${counts[name]} of ${total} requests, but should get none`;
		if (Math.abs(got - wanted) > TOLERANCE) {
			return `${name} got ${percent(got)} of ${total} requests, but should get ${percent(wanted)}`;
		}
	}
	return undefined;
}

/** Whether exactly the back ends that should get requests got some. */
export function sameBackends(counts: Counts, shares: Shares): boolean {
	return BACKENDS.every((name) => counts[name] > 0 === shares[name] > 0);
}

export function sum(counts: Counts): number {
	return BACKENDS.reduce((total, name) => total + counts[name], 0);
}

function percent(share: number): string {
	return `${Math.round(share * 100)} %`;
}
