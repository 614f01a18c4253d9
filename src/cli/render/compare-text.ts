import type { CompareJson } from "../../admin/compare-json.js";
import { ageOf } from "../output/age.js";

/** So many addresses of a kind are listed. */
const MAX_LISTED = 20;

/** How a service differs from the target that it is compared with: a line for what it is, and one for each address. */
export function compareLines(compare: CompareJson, now: Date): string[] {
	const { target, state, lastError, missing, extra, differing, since } = compare;
	const failing = state === "failed" || state === "stale" ? `; it fails: ${lastError ?? "for an unknown reason"}` : "";
	if (!missing || !extra || !differing) return [`Compared with ${target}: not known yet${failing}`];
	if (since === null) return [`Compared with ${target}: no difference${failing}`];
	return [
		`Compared with ${target}: different for ${ageOf(since, now)}${failing}`,
		...listed(missing, (address) => `  ${address} is missing there`),
		...listed(extra, (address) => `  ${address} is only there`),
		...listed(differing, ({ address, fields }) => `  ${address} differs in ${fields.join(", ")}`),
	];
}

function listed<T>(items: readonly T[], lineOf: (item: T) => string): string[] {
	const lines = items.slice(0, MAX_LISTED).map(lineOf);
	return items.length > MAX_LISTED ? [...lines, `  and ${items.length - MAX_LISTED} more like that`] : lines;
}
