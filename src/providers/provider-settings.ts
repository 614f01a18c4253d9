import { z } from "zod";
import { check, describe } from "../input/check.js";
import { InvalidConfig } from "../input/invalid-config.js";
import { isScheme } from "../model/target.js";
import { didYouMean } from "../util/text/suggest.js";
import { isOfModule, type NameProblem, NO_MODULES, readModuleSettings } from "./module/module-settings.js";
import { hasSettings, type ProviderKind } from "./provider-kind.js";
import { PROVIDER_KINDS } from "./provider-kinds.js";

/** The settings of one instance of a provider. */
export interface ProviderSettings {
	readonly kind: ProviderKind;
	/** The output of the kind's schema. */
	readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Reads settings that a program wrote as an object.
 * @throws InvalidConfig with every problem at once.
 */
export function readProviderSettings(providers: unknown): ReadonlyMap<string, ProviderSettings> {
	const schema = z.object({ providers: providersSchema() });
	const { value, findings } = check(schema, { providers });
	if (findings) throw InvalidConfig.of(findings);
	return value.providers;
}

/**
 * The schema of `providers`: settings by the name of the instance. The name gives the kind, or else
 * the `type` does.
 * @param found called for each instance before its settings are checked, so that its targets can be
 *   read even if the settings are wrong.
 * @param modules those that the config names.
 */
export function providersSchema(found: (name: string, kind: ProviderKind) => void = () => {}, modules = NO_MODULES) {
	const kinds = PROVIDER_KINDS.filter(hasSettings);
	const ofItsKind = Object.fromEntries(
		kinds.map((kind) => [kind.type, kind.options.optional().describe(`Settings of the provider ${kind.type}.`)]),
	);
	const [first, ...others] = kinds.map((kind) => ({
		kind,
		schema: kind.options.safeExtend({
			type: z.literal(kind.type).describe(`The kind of provider that this is another instance of: ${kind.type}.`),
		}),
	}));
	if (!first) throw new Error("there are no kinds of providers");
	const another = z.discriminatedUnion("type", [first.schema, ...others.map(({ schema }) => schema)]);
	let misnamed: readonly (readonly [name: string, NameProblem])[] = [];
	let ofModules = new Map<string, ProviderSettings>();
	const instances = z
		.object(ofItsKind, { error: expectedSettings })
		.catchall(another)
		.superRefine(
			(_, ctx) => {
				for (const [name, { path = [], problem }] of misnamed)
					ctx.addIssue({ code: "custom", path: [name, ...path], message: problem });
			},
			// Runs even if settings are wrong, so that all problems are reported at once.
			{ when: () => true },
		);
	return z
		.preprocess((input) => {
			misnamed = [];
			ofModules = new Map();
			if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
			// Without a kind there is no schema to check the settings with.
			const named = Object.entries(input).filter(([name, settings]) => {
				if (isOfModule(name, settings)) {
					const { problems, ...read } = readModuleSettings(name, settings, modules);
					misnamed = [...misnamed, ...problems.map((each) => [name, each] as const)];
					if (read.kind) found(name, read.kind);
					if (read.settings) ofModules.set(name, read.settings);
					return false;
				}
				const read = kindOf(name, settings, kinds);
				if ("problem" in read) misnamed = [...misnamed, [name, read]];
				else found(name, read.kind);
				return "kind" in read;
			});
			return Object.fromEntries(named);
		}, instances)
		.transform((read): ReadonlyMap<string, ProviderSettings> => {
			const settings = new Map(ofModules);
			for (const [name, each] of Object.entries(read)) {
				if (each === undefined) continue;
				const { type = name, ...options } = each as Record<string, unknown>;
				const kind = kinds.find((k) => k.type === type);
				if (kind) settings.set(name, { kind, options });
			}
			return settings;
		});
}

type KindRead = { readonly kind: ProviderKind } | NameProblem;

function kindOf(name: string, settings: unknown, kinds: readonly ProviderKind[]): KindRead {
	const own = kinds.find((kind) => kind.type === name);
	if (own) return available(own);
	const types = kinds.map((kind) => kind.type);
	const known = types.join(", ");
	if (!isScheme(name)) {
		return { problem: "the name is the scheme of its targets: lower-case letters, digits and + . - after a letter" };
	}
	const { type } = (settings ?? {}) as { readonly type?: unknown };
	const taken = PROVIDER_KINDS.find(({ schemes }) => schemes.includes(name));
	if (taken) {
		const instead = hasSettings(taken)
			? `${taken.type}, whose settings stand under that name`
			: "a provider that has no settings";
		return { problem: `the scheme ${name} is served by ${instead}; choose another name` };
	}
	if (type === undefined) {
		const suggestion = didYouMean(name, types) || `; another instance needs a type: ${known}`;
		return { problem: `there is no provider "${name}" with settings${suggestion}` };
	}
	const kind = kinds.find((each) => each.type === type);
	if (kind) return available(kind);
	const suggestion = typeof type === "string" ? didYouMean(type, types) : "";
	return { problem: `expected one of ${known}, not ${describe(type)}${suggestion}`, path: ["type"] };
}

function available(kind: ProviderKind): KindRead {
	const problem = kind.unavailable?.();
	return problem === undefined ? { kind } : { problem };
}

function expectedSettings({ input }: { readonly input?: unknown }): string {
	return `expected settings by the names of providers, not ${describe(input)}`;
}
