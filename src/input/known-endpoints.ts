import type { Endpoint } from "../model/endpoint.js";
import { differenceOf } from "../model/list-difference.js";
import { sameValue } from "../util/same-value.js";
import type { Steps } from "../util/steps.js";
import { type Checked, check } from "./check.js";
import { endpointListSchema } from "./endpoint-schema.js";
import { type Finding, MAX_PROBLEMS } from "./problem.js";

/** So many endpoints are checked in one step: a millisecond or two. */
const STEP = 200;

/**
 * The endpoints of a list as it was read last, by what is written of each. When the list is read again, only those that
 * are written otherwise are checked; the rest stay the very same objects.
 */
export class KnownEndpoints {
	#written: readonly unknown[] = [];
	#endpoints: readonly Endpoint[] = [];

	/** Checks a list of endpoints, and remembers it if nothing is wrong. */
	*check(written: unknown): Steps<Checked<readonly Endpoint[]>> {
		if (!Array.isArray(written)) return check(endpointListSchema, written);
		const endpoints = yield* this.#kept(written);
		const others = endpoints.flatMap((endpoint, i) => (endpoint ? [] : [i]));
		const findings: Finding[] = [];
		for (let from = 0; from < others.length && findings.length < MAX_PROBLEMS; from += STEP) {
			yield;
			const step = others.slice(from, from + STEP);
			const { value, findings: found = [] } = check(
				endpointListSchema,
				step.map((i) => written[i]),
			);
			for (const [n, i] of step.entries()) endpoints[i] = value?.[n];
			for (const { path, ...rest } of found) {
				findings.push({ ...rest, path: [step[path[0] as number] as number, ...path.slice(1)] });
			}
		}
		if (findings.length > 0) return { findings };
		this.#written = written;
		this.#endpoints = endpoints as readonly Endpoint[];
		return { value: this.#endpoints };
	}

	/** For each item what is known of it. Mostly the lists begin and end alike. */
	*#kept(written: readonly unknown[]): Steps<(Endpoint | undefined)[]> {
		const [before, endpoints] = [this.#written, this.#endpoints];
		const { start, endBefore, endAfter } = differenceOf(before, written, sameValue);
		const between = new Map<string, Endpoint>();
		for (let i = start; i < endBefore; i++) {
			if (i % STEP === 0) yield;
			between.set(JSON.stringify(before[i]), endpoints[i] as Endpoint);
		}
		const moved = endBefore - endAfter;
		const kept: (Endpoint | undefined)[] = [];
		for (const [i, item] of written.entries()) {
			if (i % STEP === 0) yield;
			if (i < start) kept.push(endpoints[i]);
			else if (i >= endAfter) kept.push(endpoints[i + moved]);
			else kept.push(between.size === 0 ? undefined : between.get(JSON.stringify(item)));
		}
		return kept;
	}
}
