import type { Target } from "../../model/target.js";
import { cleanText } from "../../util/text/clean-text.js";
import { didYouMean } from "../../util/text/suggest.js";

/** The service that a target names, and which of its instances. */
export interface ConsulTarget {
	/** The target's text. */
	readonly text: string;
	readonly service: string;
	/** Instances have all of these tags. */
	readonly tags: readonly string[];
	/** The other options of the query, by the names that Consul has for them. */
	readonly parameters: Readonly<Partial<Record<Parameter, string>>>;
}

const PARAMETERS = ["dc", "near", "ns", "partition", "filter"] as const;

export type Parameter = (typeof PARAMETERS)[number];

const KNOWN = ["dc", "tag", "near", "ns", "partition", "filter"];
const MAX_NAME = 256;

/** All services of a datacenter, or those with the tags. */
export interface ConsulRegistry extends Omit<ConsulTarget, "service"> {
	/** The text of the target of one of them. */
	targetOf(service: string): string;
}

/** `consul:///service?dc=&tag=&near=&ns=&partition=&filter=`, or why the text is none. */
export function readConsulTarget(target: Target): ConsulTarget | string {
	const form = `${target.scheme}:///SERVICE`;
	const service = target.path.slice(1);
	const options = readOptions(target, form);
	if (typeof options === "string") return options;
	if (service === "") return `the service is missing: ${form}`;
	if (service.includes("*")) return `"${service}" is no name of a service; a target names one service`;
	if (service.length > MAX_NAME || /[/\p{Cc}]/u.test(service)) {
		return `"${cleanText(service, { max: 60 })}" is no name of a service; expected ${form}`;
	}
	return { text: target.text, service, ...options };
}

/** `consul:///*?dc=&tag=&near=&ns=&partition=&filter=`, or why the text is none. */
export function readConsulRegistry(target: Target): ConsulRegistry | string {
	const { scheme, path, text } = target;
	const form = `${scheme}:///*`;
	const options = readOptions(target, form);
	if (typeof options === "string") return options;
	if (path !== "/*") return `it names one service; expected ${form}`;
	const [, query = ""] = /(\?.*)$/s.exec(text) ?? [];
	return { text, ...options, targetOf: (service) => `${scheme}:///${encodeURIComponent(service)}${query}` };
}

type Options = Pick<ConsulTarget, "tags" | "parameters">;

function readOptions({ authority, query }: Target, form: string): Options | string {
	if (authority !== "") {
		return `expected ${form}, with three slashes; which agent is asked stands in the provider's settings, not in the target`;
	}
	const parameters: Partial<Record<Parameter, string>> = {};
	for (const [key, value] of query) {
		if (!KNOWN.includes(key))
			return `unknown option "${key}"${didYouMean(key, KNOWN) || `; known: ${KNOWN.join(", ")}`}`;
		if (value === "") return `the option ${key} is empty; leave it out`;
		if (!isParameter(key)) continue;
		if (parameters[key] !== undefined) return `the option ${key} is given twice`;
		parameters[key] = value;
	}
	return { tags: query.getAll("tag"), parameters };
}

function isParameter(key: string): key is Parameter {
	return PARAMETERS.some((parameter) => parameter === key);
}
