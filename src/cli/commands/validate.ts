import { mergeEndpoints, targetsRepair } from "../../catalog/merge.js";
import type { Config } from "../../config/config.js";
import { configJsonSchema } from "../../config/json-schema.js";
import { readConfigText } from "../../config/load.js";
import { InvalidConfig } from "../../input/invalid-config.js";
import { type Finding, formatProblem, type Problem } from "../../input/problem.js";
import { placeFindings } from "../../input/text/read-text.js";
import { zoneNotes } from "../../model/zones/zone-notes.js";
import { ProviderSet } from "../../providers/provider-set.js";
import { Registry } from "../../providers/registry.js";
import { FingerpostError } from "../../util/errors.js";
import { cleanJson } from "../../util/text/clean-text.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";
import { configText } from "../validate/config-text.js";
import { findPolicyNotes, type PolicyNotes } from "../validate/find-policy-notes.js";
import { findWarnings } from "../validate/find-warnings.js";

export interface ValidateOptions {
	readonly output: "text" | "json";
	/** Prints the JSON Schema of the config instead. */
	readonly jsonSchema?: boolean;
	/** Whether warnings make the exit code 1, too. */
	readonly strict?: boolean;
	/** Whether the sources are asked. */
	readonly checkSources?: boolean;
}

/** What is told of a file, as `-o json` prints it. */
type Verdict =
	| { readonly valid: false; readonly file: string; readonly problems: readonly Problem[] }
	| (Summary & {
			readonly valid: true;
			readonly file: string;
			/** Notes on what the defaults say. */
			readonly defaults: readonly Problem[];
			readonly warnings: readonly Problem[];
	  });

type Summary = ReturnType<typeof summarize>;

/**
 * Checks config files one after the other; `-` is stdin. No source is asked unless that is wanted.
 * @throws FingerpostError USAGE where stdin is given twice
 */
export async function validate(files: readonly string[], options: ValidateOptions, io: CliIo): Promise<number> {
	if (options.jsonSchema) {
		writeJson(configJsonSchema(), io);
		return 0;
	}
	if (files.filter((file) => file === "-").length > 1)
		throw new FingerpostError("USAGE", "stdin can be read once only");
	const verdicts: Verdict[] = [];
	for (const file of files) {
		const verdict = await judge(file, options, io);
		verdicts.push(verdict);
		if (options.output === "text") print(verdict, io);
	}
	if (options.output === "json") writeJson(verdicts.length === 1 ? verdicts[0] : verdicts, io);
	const isWell = (each: Verdict) => each.valid && (!options.strict || each.warnings.length === 0);
	return verdicts.every(isWell) ? 0 : 1;
}

async function judge(file: string, { checkSources = false }: ValidateOptions, { env }: CliIo): Promise<Verdict> {
	const registry = new Registry();
	try {
		const { text, name } = await configText(file);
		const config = await readConfigText(text, name, { registry, env });
		new ProviderSet(registry).apply(config.providers);
		registry.maxEndpoints = config.maxEndpoints;
		const found = await findWarnings(config, { registry, checkSources });
		const { notes, ofDefaults } = findPolicyNotes(config);
		const place = (findings: readonly Finding[]) =>
			(findings.length === 0 ? [] : placeFindings(text, findings, { file: name, variables: env })).toSorted(
				(a, b) => a.line - b.line || a.column - b.column,
			);
		return { valid: true, file, ...summarize(config, notes), defaults: place(ofDefaults), warnings: place(found) };
	} catch (error) {
		if (!(error instanceof InvalidConfig)) throw error;
		return { valid: false, file, problems: error.problems };
	}
}

function print(verdict: Verdict, io: CliIo): void {
	if (!verdict.valid) {
		for (const problem of verdict.problems) io.stderr.write(`${formatProblem(problem)}\n`);
		return;
	}
	const { file, services, endpoints, targets, repairs, notes, defaults, warnings } = verdict;
	const counts = [count(services, "service"), count(endpoints, "endpoint"), count(targets, "target")];
	io.stdout.write(`${file === "-" ? "stdin" : file} is valid: ${counts.join(", ")}\n`);
	for (const { service, repair } of repairs) io.stdout.write(`${printable(`repaired in ${service}: ${repair}`)}\n`);
	const repaired = new Set(repairs.map(({ service, repair }) => `${service} ${repair}`));
	for (const { service, note } of notes)
		if (!repaired.has(`${service} ${note}`)) io.stdout.write(`${printable(`note on ${service}: ${note}`)}\n`);
	for (const note of defaults) io.stdout.write(`${printable(`note: ${formatProblem(note)}`)}\n`);
	for (const warning of warnings) io.stderr.write(`warning: ${formatProblem(warning)}\n`);
}

/** How much there is, what would be mended, and what else is to be known; endpoints count as written. */
function summarize({ services }: Config, ofPolicies: PolicyNotes["notes"]) {
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
		const onZones = definition.targets.length === 0 ? zoneNotes(definition, merged.endpoints) : [];
		for (const note of [...mended, ...merged.notes, ...onZones]) notes.push({ service, note });
	}
	return { services: services.size, endpoints, targets, repairs, notes: [...notes, ...ofPolicies] };
}

function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function writeJson(value: unknown, io: CliIo): void {
	io.stdout.write(`${cleanJson(JSON.stringify(value, null, 2))}\n`);
}
