import { FingerpostError } from "../util/errors.js";
import { type Finding, formatProblems, type Problem, valueProblem } from "./problem.js";

/** A config that cannot be used; the message has a line for each problem. */
export class InvalidConfig extends FingerpostError {
	readonly problems: readonly Problem[];

	/** @param options `subject` is what problems without a file are of: `config` unless given. */
	constructor(problems: readonly Problem[], options: { readonly cause?: unknown; readonly subject?: string } = {}) {
		const { subject = "config", ...others } = options;
		super("INVALID_CONFIG", formatProblems(problems, subject), others);
		this.problems = problems;
	}

	/** Of what a program gave as an object. */
	static of(findings: readonly Pick<Finding, "path" | "message">[], subject = "config"): InvalidConfig {
		return new InvalidConfig(findings.map(valueProblem), { subject });
	}
}
