import type { Endpoint } from "../model/endpoint.js";
import { FingerpostError } from "../util/errors.js";
import { endpointListSchema } from "./endpoint-schema.js";
import type { KnownEndpoints } from "./known-endpoints.js";
import { formatProblems, type Problem } from "./problem.js";
import { readYaml } from "./yaml/read-yaml.js";

/** An endpoints file that cannot be used; the message has a line for each problem. */
export class InvalidEndpoints extends FingerpostError {
	readonly problems: readonly Problem[];

	constructor(problems: readonly Problem[]) {
		super("INVALID_ENDPOINTS", formatProblems(problems));
		this.problems = problems;
	}
}

/**
 * The endpoints of a YAML or JSON list.
 * @param file its name in the problems.
 * @param known what was read of the file before; it takes over what is read now.
 * @throws InvalidEndpoints with every problem at once; an empty text is one, `[]` is not.
 */
export function parseEndpoints(text: string, file: string, known?: KnownEndpoints): readonly Endpoint[] {
	const quick = known?.read(text);
	if (quick) return quick;
	const { value, problems } = readYaml(text, endpointListSchema, { file });
	if (problems) throw new InvalidEndpoints(problems);
	return value;
}
