/** Values that are handed over in one piece: some milliseconds. */
const VALUES_A_PART = 8_192;

/** Entries of one array or object of a value. */
export interface ValuePart {
	/** Where that array or object is in the value. */
	readonly path: readonly (string | number)[];
	readonly entries: readonly (readonly [key: string | number, value: unknown])[];
}

/** A value in pieces: arrays and objects with much in them are empty where they stand, and filled by parts. */
export interface ValueInParts {
	readonly frame: unknown;
	readonly parts: readonly ValuePart[];
}

/** Takes a value apart. Nothing in it may be there twice, as what YAML's aliases repeat is. */
export function takeApart(value: unknown, most = VALUES_A_PART): ValueInParts {
	if (sizeOf(value, most) <= most) return { frame: value, parts: [] };
	const parts: ValuePart[] = [];
	const left: { readonly path: readonly (string | number)[]; readonly large: object }[] = [];
	const placed = (child: unknown, path: readonly (string | number)[]) => {
		left.push({ path, large: child as object });
		return emptyOf(child as object);
	};
	const frame = placed(value, []);
	// What stands in another is filled after it.
	for (let next = left.shift(); next; next = left.shift()) {
		const { path, large } = next;
		let entries: [string | number, unknown][] = [];
		let room = most;
		for (const [key, child] of entriesOf(large)) {
			const size = sizeOf(child, most);
			if (size > room && entries.length > 0) {
				parts.push({ path, entries });
				entries = [];
				room = most;
			}
			entries.push([key, size > most ? placed(child, [...path, key]) : child]);
			room -= Math.min(size, most);
		}
		if (entries.length > 0) parts.push({ path, entries });
	}
	return { frame, parts };
}

/** Fills in a part. @param frame of the value. */
export function putPart(frame: unknown, { path, entries }: ValuePart): void {
	let at = frame as Record<string | number, unknown>;
	for (const key of path) at = at[key] as Record<string | number, unknown>;
	for (const [key, value] of entries) {
		if (key !== "__proto__") at[key] = value;
		else Object.defineProperty(at, key, { value, configurable: true, enumerable: true, writable: true });
	}
}

function emptyOf(value: object): object {
	return Array.isArray(value) ? [] : {};
}

function* entriesOf(value: object): Iterable<[string | number, unknown]> {
	if (Array.isArray(value)) yield* value.entries();
	else yield* Object.entries(value);
}

/** How many values there are in it, itself too; anything above `most` where it is more. */
function sizeOf(value: unknown, most: number): number {
	if (typeof value !== "object" || value === null) return 1;
	let size = 1;
	for (const child of Array.isArray(value) ? value : Object.values(value)) {
		size += sizeOf(child, most - size);
		if (size > most) break;
	}
	return size;
}
