import type { ProblemJson } from "../../admin/problem-json.js";
import { ageOf } from "../output/age.js";

const WORDS = { tooLarge: "too large for clients", withheld: "left out", unknown: "unknown" } as const;

/** Who does not get what, and why, in lines: the words of clients may have several. */
export function problemText(problem: ProblemJson, now: Date): readonly string[] {
	const { type, family, reason, message, since, rejectedBy, ackedBy } = problem;
	const counts = rejectedBy === null ? "" : `${rejectedBy} ${ackedBy === null ? "" : `of ${rejectedBy + ackedBy} `}`;
	const who = type === null ? "" : `${type} for ${family}, `;
	const what = reason === "rejected" ? `rejected by ${counts}clients` : WORDS[reason];
	const [first = "", ...more] = message.trimEnd().split("\n");
	return [`${who}${what} for ${ageOf(since, now)}: ${first}`, ...more];
}
