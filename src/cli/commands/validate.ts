import { mergeEndpoints, targetsRepair } from "../../catalog/merge.js";
import type { Config } from "../../config/config.js";
import { configJsonSchema } from "../../config/json-schema.js";
import { loadConfig } from "../../config/load.js";
import { InvalidConfig } from "../../input/invalid-config.js";
import { formatProblem } from "../../input/problem.js";
import { Registry } from "../../providers/registry.js";
import { FingerpostError } from "../../util/errors.js";
import { cleanJson } from "../../util/text/clean-text.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";

export interface ValidateOptions {
	readonly output: "text" | "json";
	/** Prints the JSON Schema of the config instead. */
	readonly jsonSchema?: boolean;
}

/** Checks a config file; nothing is asked of any source. */
export async function validate(file: string | undefined, options: ValidateOptions, io: CliIo): Promise<number> {
	if (options.jsonSchema) {
		writeJson(configJsonSchema(), io);
		return 0;
	}
	if (file === undefined) throw new FingerpostError("USAGE", "say which file: fingerpost validate FILE");
	let config: Config;
	try {
		config = await loadConfig(file, { registry: new Registry(), env: io.env, atOnce: true });
	} catch (error) {
		if (!(error instanceof InvalidConfig)) throw error;
		const { problems } = error;
		if (options.output === "json") writeJson({ valid: false, file, problems }, io);
		else for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n`);
		return 1;
	}
	const found = summarize(config);
	if (options.output === "json") writeJson({ valid: true, file, ...found }, io);
	else {
		const counts = [
			count(found.services, "service"),
			count(found.endpoints, "endpoint"),
			count(found.targets, "target"),
		];
		io.stdout.write(`${file} is valid: ${counts.join(", ")}\n`);
		for (const { service, repair } of found.repairs)
			io.stdout.write(`${printable(`repaired in ${service}: ${repair}`)}\n`);
		const repaired = new Set(found.repairs.map(({ service, repair }) => `${service} ${repair}`));
		for (const { service, note } of found.notes)
			if (!repaired.has(`${service} ${note}`)) io.stdout.write(`${printable(`note on ${service}: ${note}`)}\n`);
	}
	return 0;
}

/** How much there is, what would be mended, and what else is to be known; endpoints count as written. */
function summarize({ services }: Config) {
	let endpoints = 0;
	let targets = 0;
	const repairs: { readonly service: string; readonly repair: string }[] = [];
	const notes: { readonly service: string; readonly note: string }[] = [];
	for (const [service, definition] of services) {
		targets += definition.targets.length;
		const written = definition.endpoints ?? [];
		endpoints += written.length;
		const merged = mergeEndpoints([{ target: "inline", priority: 0, endpoints: written }]);
		const ofTargets = targetsRepair(definition.targets);
		const mended = ofTargets === undefined ? [] : [ofTargets];
		for (const repair of [...mended, ...merged.repairs]) repairs.push({ service, repair });
		for (const note of [...mended, ...merged.notes]) notes.push({ service, note });
	}
	return { services: services.size, endpoints, targets, repairs, notes };
}

function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function writeJson(value: unknown, io: CliIo): void {
	io.stdout.write(`${cleanJson(JSON.stringify(value, null, 2))}\n`);
}
