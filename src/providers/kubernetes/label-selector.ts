/** Whether an object with these labels is selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

const NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
const KEY = `(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?${NAME}`;
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const EQUAL = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${NAME}|)$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const VALUE = new RegExp(`^(?:${NAME}|)$`);

/**
 * Reads what Kubernetes takes as a label selector: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin
 * (b,c)`, `a`, `!a`, separated by commas; all must hold. As there, `!=` and `notin` hold for what
 * has no such label.
 */
export function parseLabelSelector(text: string): LabelSelector | { readonly problem: string } {
	if (text.trim() === "") return { problem: "a labelSelector needs at least one requirement, such as track=stable" };
	const all: LabelSelector[] = [];
	// A comma within parentheses separates values.
	for (const part of text.split(/,(?![^()]*\))/)) {
		const one = requirement(part.trim());
		if (!one) {
			return {
				problem: `${JSON.stringify(part.trim())} is not a requirement of a labelSelector; expected a=b, a!=b, a in (b,c), a notin (b,c), a or !a`,
			};
		}
		all.push(one);
	}
	return (labels) => all.every((selects) => selects(labels));
}

function requirement(text: string): LabelSelector | undefined {
	const exists = EXISTS.exec(text);
	if (exists) {
		const [, not, key = ""] = exists;
		return (labels) => Object.hasOwn(labels, key) !== (not === "!");
	}
	const equal = EQUAL.exec(text);
	if (equal) {
		const [, key = "", sign, value = ""] = equal;
		return isOneOf(key, new Set([value]), sign !== "!=");
	}
	const set = SET.exec(text);
	if (set) {
		const [, key = "", word, list = ""] = set;
		const values = list.split(",").map((value) => value.trim());
		return values.every((value) => VALUE.test(value)) ? isOneOf(key, new Set(values), word === "in") : undefined;
	}
	return undefined;
}

function isOneOf(key: string, values: ReadonlySet<string>, wanted: boolean): LabelSelector {
	return (labels) => (Object.hasOwn(labels, key) && values.has(labels[key] as string)) === wanted;
}
