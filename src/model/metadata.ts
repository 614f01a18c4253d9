import { sameValue } from "../util/same-value.js";

export type MetadataScalar = string | number | boolean;

/** Lists have values of any of the three kinds. */
export type MetadataValue = MetadataScalar | readonly MetadataScalar[];

/** What is said of an endpoint beside all else, by names. */
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** Whether both say the same, whatever the order of their names. */
export function sameMetadata(a: Metadata | undefined, b: Metadata | undefined): boolean {
	return a === b || sameValue(a ?? {}, b ?? {});
}

/** Whether it can be one: numbers are finite. */
export function isMetadataValue(value: unknown): value is MetadataValue {
	return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

function isScalar(value: unknown): value is MetadataScalar {
	return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

/** `version=v2`, in the order of the names; what is no text as in JSON. */
export function metadataTexts(metadata: Metadata): readonly string[] {
	return Object.entries(metadata)
		.map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
		.sort();
}
