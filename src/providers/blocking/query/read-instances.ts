import { z } from "zod";
import { type Checked, check } from "../../../input/check.js";
import { type Finding, formatProblems, MAX_PROBLEMS } from "../../../input/problem.js";
import { readCheckedInSlices } from "../../../input/read-checked.js";
import { SourceFailed } from "../../../util/errors.js";
import { Turns } from "../../../util/slices.js";
import type { Steps } from "../../../util/steps.js";
import { tooMany } from "../../watch/max-endpoints.js";

/** So many instances are checked in one step: a millisecond or two. */
const STEP = 100;

const turns = new Turns();

export interface ReadInstancesOptions {
	/** How many the list may have. */
	readonly most: number;
	readonly signal: AbortSignal;
}

/** Reads an answer that is a list of instances. @throws SourceFailed if it is none or too long, the signal's reason. */
export async function readInstances<Schema extends z.ZodType>(
	text: string,
	schema: Schema,
	{ most, signal }: ReadInstancesOptions,
): Promise<readonly z.output<Schema>[]> {
	// Of many answers that come at once, each has a turn of the event loop of its own.
	await turns.next();
	signal.throwIfAborted();
	const steps = (written: unknown) => checked(z.array(schema), written);
	const options = { file: "the answer", maxItems: most, signal };
	const {
		value,
		problems,
		tooMany: count,
	} = (await readCheckedInSlices(text, steps, options)) as Awaited<
		ReturnType<typeof readCheckedInSlices<readonly z.output<Schema>[]>>
	> & { readonly tooMany?: number };
	if (count !== undefined) throw tooMany(count, most);
	if (problems)
		throw new SourceFailed(`the answer is no list of instances: ${formatProblems(problems.slice(0, 3), "the answer")}`);
	return value as readonly z.output<Schema>[];
}

function* checked<Item>(list: z.ZodType<Item[]>, written: unknown): Steps<Checked<readonly Item[]>> {
	if (!Array.isArray(written)) return check(list, written);
	const items: Item[] = [];
	const findings: Finding[] = [];
	for (let from = 0; from < written.length && findings.length < MAX_PROBLEMS; from += STEP) {
		yield;
		const { value = [], findings: found = [] } = check(list, written.slice(from, from + STEP));
		items.push(...value);
		findings.push(
			...found.map(({ path: [i, ...rest], ...other }) => ({ ...other, path: [from + Number(i), ...rest] })),
		);
	}
	return findings.length > 0 ? { findings } : { value: items };
}
