import { z } from "zod";
import { check } from "../../input/check.js";
import type { KnownEndpoints } from "../../input/known-endpoints.js";
import { type Finding, formatProblems, MAX_PROBLEMS } from "../../input/problem.js";
import { readCheckedInSlices } from "../../input/read-checked.js";
import { strictObject } from "../../input/strict-object.js";
import { type Endpoint, endpoint } from "../../model/endpoint.js";
import { parseEndpointAddress } from "../../model/endpoint-address.js";
import { SourceFailed } from "../../util/errors.js";
import type { Steps } from "../../util/steps.js";

/** So many groups are checked in one step. */
const STEP = 50;

const address = z.string().transform((text, ctx) => {
	const parsed = parseEndpointAddress(text);
	if (parsed.problem === undefined) return parsed;
	ctx.addIssue({ code: "custom", message: parsed.problem });
	return z.NEVER;
});

/** A group of targets, as Prometheus' `http_sd` has them. */
const group = strictObject({ targets: z.array(address), labels: z.record(z.string(), z.string()).nullish() });

const groups = z.array(group);

export interface ReadListOptions {
	/** What is told of where the list is from. */
	readonly from: string;
	/** What was read before; it takes over what is read now. */
	readonly known: KnownEndpoints;
	readonly signal: AbortSignal;
}

/**
 * The endpoints of a list as in a file, or of Prometheus' groups.
 * @throws SourceFailed with every problem; what the signal says, when it ends the reading.
 */
export async function readEndpointList(
	text: string,
	{ from, known, signal }: ReadListOptions,
): Promise<readonly Endpoint[]> {
	const { value, problems } = await readCheckedInSlices(
		text,
		(written) => (isGroups(written) ? checkGroups(written) : known.check(written)),
		{ file: from, signal },
	);
	if (problems) throw new SourceFailed(formatProblems(problems, from));
	return value;
}

function isGroups(written: unknown): written is readonly unknown[] {
	if (!Array.isArray(written)) return false;
	const [first] = written as readonly unknown[];
	return typeof first === "object" && first !== null && ("targets" in first || "labels" in first);
}

function* checkGroups(written: readonly unknown[]): Steps<ReturnType<typeof checkEndpoints>> {
	const endpoints: Endpoint[] = [];
	const findings: Finding[] = [];
	for (let from = 0; from < written.length && findings.length < MAX_PROBLEMS; from += STEP) {
		yield;
		const { value = [], findings: found = [] } = checkEndpoints(written.slice(from, from + STEP));
		for (const one of value) endpoints.push(one);
		findings.push(
			...found.map(({ path: [i, ...rest], ...other }) => ({ ...other, path: [from + Number(i), ...rest] })),
		);
	}
	return findings.length > 0 ? { findings } : { value: endpoints };
}

function checkEndpoints(written: readonly unknown[]) {
	const { value, findings } = check(groups, written);
	if (findings) return { findings };
	return { value: value.flatMap(({ targets, labels }) => endpointsOf(targets, metadataOf(labels ?? {}))) };
}

function endpointsOf(
	targets: readonly Pick<Endpoint, "address" | "port">[],
	metadata: Readonly<Record<string, string>>,
): readonly Endpoint[] {
	const more = Object.keys(metadata).length === 0 ? {} : { metadata };
	return targets.map(({ address, port }) => endpoint({ address, port, health: "healthy", ...more }));
}

/** Labels that begin with `__meta_` are for the relabelling of Prometheus only. */
function metadataOf(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith("__meta_")));
}
