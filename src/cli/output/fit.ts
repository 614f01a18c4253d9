/** A column's header, and whether it is left out where there is no room: of several the first one goes first. */
export type Header = string | { readonly text: string; readonly optional: true };

/** What is shown of the columns. */
export interface Fit {
	readonly shown: readonly { readonly column: number; readonly width: number }[];
	readonly gap: number;
}

export interface Room {
	/** Characters of a line; as many as it takes unless given. */
	readonly columns: number | undefined;
	/** Characters between columns, and where there is little room. */
	readonly gap: number;
	readonly narrowGap: number;
}

/** No column is cut to less: characters. */
const LEAST = 12;

export function headerText(header: Header): string {
	return typeof header === "string" ? header : header.text;
}

export function widthOf(text: string): number {
	return [...text].length;
}

/** @returns undefined where a line has no room for what is needed of each column. */
export function fitted(headers: readonly Header[], widths: readonly number[], room: Room): Fit | undefined {
	const all = widths.map((width, column) => ({ column, width }));
	const { columns, gap, narrowGap } = room;
	if (columns === undefined || total(all, gap) <= columns) return { shown: all, gap };
	if (total(all, narrowGap) <= columns) return { shown: all, gap: narrowGap };
	for (let some = all; ; ) {
		const shown = shrunk(some, headers, columns - narrowGap * (some.length - 1));
		if (shown) return { shown, gap: narrowGap };
		const left = some.findIndex(({ column }) => typeof headers[column] === "object");
		if (left < 0) return undefined;
		some = some.toSpliced(left, 1);
	}
}

/** The widest first, down to what each needs; undefined if that does not suffice. */
function shrunk(columns: Fit["shown"], headers: readonly Header[], room: number): Fit["shown"] | undefined {
	const needs = columns.map(({ column, width }) =>
		Math.min(width, Math.max(LEAST, widthOf(headerText(headers[column] as Header)))),
	);
	const widths = columns.map(({ width }) => width);
	let excess = widths.reduce((sum, width) => sum + width, 0) - room;
	while (excess > 0) {
		let widest = -1;
		for (const [i, width] of widths.entries()) {
			if (width > (needs[i] as number) && (widest < 0 || width > (widths[widest] as number))) widest = i;
		}
		if (widest < 0) return undefined;
		const others = widths.filter((_, i) => i !== widest);
		const next = Math.max(
			needs[widest] as number,
			Math.max(0, ...others.filter((w) => w < (widths[widest] as number))),
		);
		const less = Math.max(1, Math.min(excess, (widths[widest] as number) - next));
		widths[widest] = (widths[widest] as number) - less;
		excess -= less;
	}
	return columns.map(({ column }, i) => ({ column, width: widths[i] as number }));
}

function total(columns: Fit["shown"], gap: number): number {
	return columns.reduce((sum, { width }) => sum + width, 0) + gap * Math.max(0, columns.length - 1);
}
