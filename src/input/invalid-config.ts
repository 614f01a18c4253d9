import { FingerpostError } from "../util/errors.js";
import { type Finding, formatProblems, type Problem, valueProblem } from "./problem.js";

/** A config that cannot be used; the message has a line for each problem. */
export class InvalidConfig extends FingerpostError {
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[], options?: { cause?: unknown }) {
		super("INVALID_CONFIG", formatProblems(problems, "config"), options);
		this.problems = problems;
	}

	/** Of what a program gave as an object. */
	static of(findings: readonly Pick<Finding, "path" | "message">[]): InvalidConfig {
		return new InvalidConfig(findings.map(valueProblem));
	}
}
