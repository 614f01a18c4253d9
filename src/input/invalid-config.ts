import { FingerpostError } from "../util/errors.js";
import { formatProblems, type Problem } from "./problem.js";

/** A config that cannot be used; the message has a line for each problem. */
export class InvalidConfig extends FingerpostError {
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[], options?: { cause?: unknown }) {
		super("INVALID_CONFIG", formatProblems(problems), options);
		this.problems = problems;
	}
}
