import { serviceNameProblem } from "../model/service.js";
import { didYouMean } from "../util/text/suggest.js";

/** What stands in braces in the names of services that a registry has. */
export const TEMPLATE_WORDS = ["service", "namespace", "port", "datacenter"] as const;

export type TemplateWords = Readonly<Partial<Record<(typeof TEMPLATE_WORDS)[number], string | undefined>>>;

/** A service is called here as it is there. */
export const DEFAULT_TEMPLATE = "{service}";

const WORD = /\{([^{}]*)\}/g;

/** Why the text cannot be a template of names, or undefined. */
export function templateProblem(template: string): string | undefined {
	for (const [word, name = ""] of template.matchAll(WORD)) {
		if (isWord(name)) continue;
		const known = TEMPLATE_WORDS.map((each) => `{${each}}`);
		return `${word} is not a word of a name${didYouMean(name, TEMPLATE_WORDS) || `; there are ${known.join(", ")}`}`;
	}
	return serviceNameProblem(template.replace(WORD, "x"));
}

/** The name by the template, or why there is none. */
export function nameBy(
	template: string,
	words: TemplateWords,
): { readonly name: string } | { readonly problem: string } {
	const missing = new Set<string>();
	const name = template.replace(WORD, (word, key: string) => {
		const value = isWord(key) ? words[key] : undefined;
		if (value === undefined || value === "") missing.add(word);
		return value ?? "";
	});
	if (missing.size > 0) return { problem: `nothing is known of its ${[...missing].join(" and ")}` };
	const problem = serviceNameProblem(name);
	return problem === undefined ? { name } : { problem: `it would be called ${JSON.stringify(name)}: ${problem}` };
}

function isWord(name: string): name is (typeof TEMPLATE_WORDS)[number] {
	return TEMPLATE_WORDS.some((word) => word === name);
}
