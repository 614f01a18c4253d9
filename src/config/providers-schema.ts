import { z } from "zod";
import { describe } from "../input/check.js";
import type { ProviderKind } from "../providers/provider-kind.js";
import type { ProviderSettings } from "../providers/provider-set.js";
import { didYouMean } from "../util/suggest.js";

/**
 * Settings of providers by the name of the instance: its kind is that of the name, or else the one that its `type` names.
 * @param found told of each instance before its settings are checked, so that targets of it can be read whatever is wrong
 *   with them.
 */
export function providersSchema(kinds: readonly ProviderKind[], found: (name: string, kind: ProviderKind) => void) {
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
	let misnamed: readonly (readonly [name: string, KindProblem])[] = [];
	const instances = z
		.object(ofItsKind, { error: expectedSettings })
		.catchall(another)
		.superRefine(
			(_, ctx) => {
				for (const [name, { key, problem }] of misnamed)
					ctx.addIssue({ code: "custom", path: [name, ...(key ? [key] : [])], message: problem });
			},
			// Also while settings are wrong, so that all is told at once.
			{ when: () => true },
		);
	return z
		.preprocess((input) => {
			misnamed = [];
			if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
			// The settings of what is no instance cannot be checked.
			const named = Object.entries(input).filter(([name, settings]) => {
				const read = kindOf(name, settings, kinds);
				if ("problem" in read) misnamed = [...misnamed, [name, read]];
				else found(name, read.kind);
				return "kind" in read;
			});
			return Object.fromEntries(named);
		}, instances)
		.transform((read): ReadonlyMap<string, ProviderSettings> => {
			const settings = new Map<string, ProviderSettings>();
			for (const [name, each] of Object.entries(read)) {
				if (each === undefined) continue;
				const { type = name, ...options } = each as Record<string, unknown>;
				const kind = kinds.find((k) => k.type === type);
				if (kind) settings.set(name, { kind, options });
			}
			return settings;
		});
}

interface KindProblem {
	readonly problem: string;
	/** Of the settings, where one of them is the problem. */
	readonly key?: string;
}

type KindRead = { readonly kind: ProviderKind } | KindProblem;

function kindOf(name: string, settings: unknown, kinds: readonly ProviderKind[]): KindRead {
	const own = kinds.find((kind) => kind.type === name);
	if (own) return { kind: own };
	const types = kinds.map((kind) => kind.type);
	const known = types.join(", ");
	if (!/^[a-z][a-z0-9+.-]*$/.test(name)) {
		return { problem: "the name is the scheme of its targets: lower-case letters, digits and + . - after a letter" };
	}
	const { type } = (settings ?? {}) as { readonly type?: unknown };
	const taken = RESERVED.includes(name) ? undefined : kinds.find(({ schemes }) => schemes.includes(name));
	if (RESERVED.includes(name) || taken) {
		const instead = taken ? `${taken.type}, whose settings stand under that name` : "a provider that has no settings";
		return { problem: `the scheme ${name} is served by ${instead}; choose another name` };
	}
	if (type === undefined) {
		const suggestion = didYouMean(name, types) || `; another instance needs a type: ${known}`;
		return { problem: `there is no provider "${name}" with settings${suggestion}` };
	}
	const kind = kinds.find((each) => each.type === type);
	if (kind) return { kind };
	const suggestion = typeof type === "string" ? didYouMean(type, types) : "";
	return { problem: `expected one of ${known}, not ${describe(type)}${suggestion}`, key: "type" };
}

/** Schemes of providers that are not made by the config. */
const RESERVED: readonly string[] = ["static", "http", "https", "file"];

function expectedSettings({ input }: { readonly input?: unknown }): string {
	return `expected settings by the names of providers, not ${describe(input)}`;
}
