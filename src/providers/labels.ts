import { MAX_WEIGHT } from "../model/endpoint.js";
import { quote } from "../util/text/quote.js";

/** What a source's labels or tags say, by their names. */
export type Labels = Readonly<Record<string, string>>;

const WEIGHT = "fingerpost.weight";
const METADATA = "fingerpost.metadata.";

/** The weight that `fingerpost.weight` gives, if it is there, or what is wrong with it. @param what `label` or `tag` */
export function weightOf(labels: Labels, what: string): number | string | undefined {
	const text = labels[WEIGHT];
	if (text === undefined) return undefined;
	const weight = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
	if (weight <= MAX_WEIGHT) return weight;
	return `its ${what} ${WEIGHT} must be a whole number from 0 to ${MAX_WEIGHT}, not ${quote(text)}; it counts as 100`;
}

/** The metadata that `fingerpost.metadata.KEY` give, by their keys. */
export function metadataOf(labels: Labels): Labels {
	const entries = Object.entries(labels).filter(([label]) => label.startsWith(METADATA) && label !== METADATA);
	return Object.fromEntries(entries.map(([label, value]) => [label.slice(METADATA.length), value]));
}
