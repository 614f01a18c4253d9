import type { ProblemJson } from "../../admin/problem-json.js";
import { ageOf } from "../output/age.js";

/** Who does not get what, and why, in lines: the words of clients may have several. */
export function problemText(problem: ProblemJson, now: Date): readonly string[] {
	const { type, family, reason, message, since, rejectedBy, ackedBy } = problem;
	const counts = rejectedBy === null ? "" : `${rejectedBy} ${ackedBy === null ? "" : `of ${rejectedBy + ackedBy} `}`;
	const what = reason === "rejected" ? `rejected by ${counts}clients` : "too large for clients";
	const [first = "", ...more] = message.trimEnd().split("\n");
	return [`${type} for ${family}, ${what} for ${ageOf(since, now)}: ${first}`, ...more];
}
