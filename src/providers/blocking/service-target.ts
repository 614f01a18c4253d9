import type { Target } from "../../model/target.js";
import { cleanText } from "../../util/text/clean-text.js";
import { didYouMean } from "../../util/text/suggest.js";
import { tooMany } from "../watch/max-endpoints.js";

/** The service that a target names, and which of its instances. */
export interface ServiceTarget {
	/** The target's text. */
	readonly text: string;
	readonly service: string;
	/** Instances have all of these tags. */
	readonly tags: readonly string[];
	/** The other options of the query, by the names that the source has for them. */
	readonly parameters: Readonly<Record<string, string>>;
}

/** All services of a registry, or those with the tags. */
export interface ServiceRegistry extends Omit<ServiceTarget, "service"> {
	/** The text of the target of one of them. */
	targetOf(service: string): string;
}

const MAX_NAME = 256;

/** Reads `scheme:///SERVICE` with `tag` and these options, and `scheme:///*`. */
export class ServiceTargets {
	readonly #known: readonly string[];

	/** @param known the options, in the order in which they are told. */
	constructor(known: readonly string[]) {
		this.#known = known;
	}

	/** What the target names, or why it is none. */
	readonly read = (target: Target): ServiceTarget | string => {
		const form = `${target.scheme}:///SERVICE`;
		const service = target.path.slice(1);
		const options = this.#options(target, form);
		if (typeof options === "string") return options;
		if (service === "") return `the service is missing: ${form}`;
		if (service.includes("*")) return `"${service}" is no name of a service; a target names one service`;
		if (service.length > MAX_NAME || /[/\p{Cc}]/u.test(service)) {
			return `"${cleanText(service, { max: 60 })}" is no name of a service; expected ${form}`;
		}
		return { text: target.text, service, ...options };
	};

	/** Which services of a whole registry, or why the target stands for none. */
	readonly readAll = (target: Target): ServiceRegistry | string => {
		const { scheme, path, text } = target;
		const form = `${scheme}:///*`;
		const options = this.#options(target, form);
		if (typeof options === "string") return options;
		if (path !== "/*") return `it names one service; expected ${form}`;
		const [, query = ""] = /(\?.*)$/s.exec(text) ?? [];
		return { text, ...options, targetOf: (service) => `${scheme}:///${encodeURIComponent(service)}${query}` };
	};

	#options({ authority, query }: Target, form: string): Pick<ServiceTarget, "tags" | "parameters"> | string {
		if (authority !== "") {
			return `expected ${form}, with three slashes; which agent is asked stands in the provider's settings, not in the target`;
		}
		const parameters: Record<string, string> = {};
		for (const [key, value] of query) {
			if (!this.#known.includes(key))
				return `unknown option "${key}"${didYouMean(key, this.#known) || `; known: ${this.#known.join(", ")}`}`;
			if (value === "") return `the option ${key} is empty; leave it out`;
			if (key === "tag") continue;
			if (parameters[key] !== undefined) return `the option ${key} is given twice`;
			parameters[key] = value;
		}
		return { tags: query.getAll("tag"), parameters };
	}
}

/** Whether all of the tags are there, in small letters or not. @param wanted in small letters. */
export function hasTags(tags: readonly string[], wanted: readonly string[]): boolean {
	if (wanted.length === 0) return true;
	const has = new Set(tags.map((tag) => tag.toLowerCase()));
	return wanted.every((tag) => has.has(tag));
}

export interface TaggedOptions<Entry> {
	/** The source's name. */
	readonly source: string;
	/** How many endpoints the target may have. */
	readonly most: number;
	tagsOf(entry: Entry): readonly string[] | null | undefined;
}

/** The instances that have the target's tags, and a note where there are none. @throws SourceFailed if there are too many. */
export function taggedEntries<Entry>(
	entries: readonly Entry[],
	{ service, tags }: Pick<ServiceTarget, "service" | "tags">,
	{ source, most, tagsOf }: TaggedOptions<Entry>,
): { readonly tagged: readonly Entry[]; readonly notes: string[] } {
	const wanted = tags.map((tag) => tag.toLowerCase());
	const tagged = entries.filter((entry) => hasTags(tagsOf(entry) ?? [], wanted));
	if (tagged.length > most) throw tooMany(tagged.length, most);
	if (tagged.length > 0) return { tagged, notes: [] };
	const having = tags.length === 0 ? "" : ` with the ${tags.length === 1 ? "tag" : "tags"} ${tags.join(", ")}`;
	return { tagged, notes: [`${source} has no instance of "${service}"${having}`] };
}
