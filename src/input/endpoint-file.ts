import type { Endpoint } from "../model/endpoint.js";
import { FingerpostError } from "../util/errors.js";
import { KnownEndpoints } from "./known-endpoints.js";
import { type Finding, formatProblems, type Problem, valueProblem } from "./problem.js";
import { type ReadChecked, readChecked, readCheckedInSlices } from "./read-checked.js";

/** Endpoints that cannot be used, of a file or of a program; the message has a line for each problem. */
export class InvalidEndpoints extends FingerpostError {
	readonly problems: readonly Problem[];

	/** @param subject what problems without a file are of, such as `service "web"`. */
	constructor(problems: readonly Problem[], subject = "endpoints") {
		super("INVALID_ENDPOINTS", formatProblems(problems, subject));
		this.problems = problems;
	}

	/** Of what a program gave. */
	static of(subject: string, findings: readonly Pick<Finding, "path" | "message">[]): InvalidEndpoints {
		return new InvalidEndpoints(findings.map(valueProblem), subject);
	}
}

/** A list of more endpoints than are wanted; they were not looked at. */
export class TooManyEndpoints extends FingerpostError {
	readonly count: number;
	readonly most: number;

	constructor(count: number, most: number) {
		super("INVALID_ENDPOINTS", `${count} endpoints, where ${most} are wanted at most`);
		this.count = count;
		this.most = most;
	}
}

/**
 * The endpoints of a YAML or JSON list.
 * @param file its name in the problems.
 * @param known what was read of the file before; it takes over what is read now.
 * @throws InvalidEndpoints with every problem at once; an empty text is one, `[]` is not.
 */
export function parseEndpoints(text: string, file: string, known = new KnownEndpoints()): readonly Endpoint[] {
	return valid(readChecked(text, (value) => known.check(value), { file }));
}

export interface ReadEndpointsOptions {
	/** The file's name in the problems. */
	readonly file: string;
	/** What was read of the file before; it takes over what is read now. */
	readonly known?: KnownEndpoints;
	/** How many there may be; without it, any number. */
	readonly most?: number | undefined;
	readonly signal: AbortSignal;
}

/**
 * The same, with the event loop let go in between.
 * @throws InvalidEndpoints, TooManyEndpoints; what the signal says, when it ends the reading.
 */
export async function readEndpoints(
	text: string,
	{ file, known = new KnownEndpoints(), most, signal }: ReadEndpointsOptions,
): Promise<readonly Endpoint[]> {
	const read = await readCheckedInSlices(text, (value) => known.check(value), { file, maxItems: most, signal });
	if (read.problems && read.tooMany !== undefined && most !== undefined) throw new TooManyEndpoints(read.tooMany, most);
	return valid(read);
}

function valid({ value, problems }: ReadChecked<readonly Endpoint[]>): readonly Endpoint[] {
	if (problems) throw new InvalidEndpoints(problems);
	return value;
}
