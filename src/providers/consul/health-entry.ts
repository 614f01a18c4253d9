import { z } from "zod";
import { check } from "../../input/check.js";
import { type Finding, formatProblems, MAX_PROBLEMS } from "../../input/problem.js";
import { readCheckedInSlices } from "../../input/read-checked.js";
import { SourceFailed } from "../../util/errors.js";
import type { Steps } from "../../util/steps.js";

/** So many entries are checked in one step: a millisecond or two. */
const STEP = 100;

const locality = z.object({ Region: z.string().default(""), Zone: z.string().default("") }).nullish();
const weight = z.int().min(0);

/** An instance of a service, as the health endpoint tells it; the rest of it is left out. */
const healthEntry = z.object({
	Node: z.object({ Node: z.string(), Address: z.string().default(""), Locality: locality }),
	Service: z.object({
		ID: z.string(),
		Address: z.string().default(""),
		Port: z.int(),
		Tags: z.array(z.string()).nullish(),
		Meta: z.record(z.string(), z.string()).nullish(),
		Weights: z.object({ Passing: weight, Warning: weight }).nullish(),
		Locality: locality,
		ModifyIndex: z.number().optional(),
	}),
	Checks: z.array(z.object({ CheckID: z.string(), Status: z.string() })).nullish(),
});

export type HealthEntry = Readonly<z.output<typeof healthEntry>>;

const healthEntries = z.array(healthEntry);

/** Reads an answer of the health endpoint. @throws SourceFailed if it is none, the signal's reason. */
export async function readHealthEntries(text: string, signal: AbortSignal): Promise<readonly HealthEntry[]> {
	const { value, problems } = await readCheckedInSlices(text, checked, { file: "the answer", signal });
	if (problems)
		throw new SourceFailed(`the answer is no list of instances: ${formatProblems(problems.slice(0, 3), "the answer")}`);
	return value;
}

function* checked(written: unknown): Steps<ReturnType<typeof check<typeof healthEntries>>> {
	if (!Array.isArray(written)) return check(healthEntries, written);
	const entries: HealthEntry[] = [];
	const findings: Finding[] = [];
	for (let from = 0; from < written.length && findings.length < MAX_PROBLEMS; from += STEP) {
		yield;
		const { value = [], findings: found = [] } = check(healthEntries, written.slice(from, from + STEP));
		entries.push(...value);
		findings.push(
			...found.map(({ path: [i, ...rest], ...other }) => ({ ...other, path: [from + Number(i), ...rest] })),
		);
	}
	return findings.length > 0 ? { findings } : { value: entries };
}
