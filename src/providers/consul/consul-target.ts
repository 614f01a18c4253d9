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

/** `consul:///service?dc=&tag=&near=&ns=&partition=&filter=`, or why the text is none. */
export function readConsulTarget({ scheme, authority, path, query, text }: Target): ConsulTarget | string {
	const form = `${scheme}:///SERVICE`;
	if (authority !== "") {
		return `expected ${form}, with three slashes; which agent is asked stands in the provider's settings, not in the target`;
	}
	const service = path.slice(1);
	if (service === "") return `the service is missing: ${form}`;
	if (service.includes("*")) return `"${service}" is no name of a service; a target names one service`;
	if (service.length > MAX_NAME || /[/\p{Cc}]/u.test(service)) {
		return `"${cleanText(service, { max: 60 })}" is no name of a service; expected ${form}`;
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
	return { text, service, tags: query.getAll("tag"), parameters };
}

function isParameter(key: string): key is Parameter {
	return PARAMETERS.some((parameter) => parameter === key);
}
