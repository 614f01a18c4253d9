import type { z } from "zod";
import { FingerpostError } from "../util/errors.js";
import { formatProblems, type Problem, valueProblem } from "./problem.js";
import { zodProblems } from "./zod-problems.js";

/** A config that cannot be used; the message has a line for each problem. */
export class InvalidConfig extends FingerpostError {
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[], options?: { cause?: unknown }) {
		super("INVALID_CONFIG", formatProblems(problems), options);
		this.problems = problems;
	}
}

/** What is wrong with a config, or a part of one, that a program wrote as an object. */
export function invalidObject({ issues }: z.ZodError): InvalidConfig {
	const problem = (path: readonly PropertyKey[], _: "key" | "value", message: string) =>
		valueProblem("config", path, message);
	return new InvalidConfig(zodProblems(issues, { problem }));
}
