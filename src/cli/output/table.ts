import { styleText } from "node:util";
import { fitted, type Header, headerText, widthOf } from "./fit.js";

export type Colour = "green" | "yellow" | "red";

/** What stands in a table's cell; the colour is left out where it is not wanted. */
export type Cell = string | number | { readonly text: string; readonly colour: Colour | undefined };

export interface TableOptions {
	readonly colours: boolean;
	/** Whether the first line has the headers; it has unless this is false. */
	readonly headers?: boolean | undefined;
	/** How wide a line may be: characters. What does not fit is cut, or stands one below the other. */
	readonly columns?: number | undefined;
}

const GAP = 3;
/** Between columns where there is little room. */
const NARROW_GAP = 2;

/**
 * A table as kubectl prints it: upper-case headers, columns padded to their widest cell, an empty cell as `-`. In a
 * narrow terminal columns that are optional are left out and long cells cut; where even that does not do, each row is a
 * block of lines.
 */
export function renderTable(
	headers: readonly Header[],
	rows: readonly (readonly Cell[])[],
	{ colours, headers: withHeaders = true, columns }: TableOptions,
): string {
	const heads = headers.map(headerText);
	const texts = rows.map((row) => heads.map((_, column) => textOf(row[column] ?? "")));
	// Not by the arguments of Math.max: there may be more rows than a call takes.
	const widths = heads.map((head, column) =>
		texts.reduce((widest, line) => Math.max(widest, widthOf(line[column] ?? "")), withHeaders ? widthOf(head) : 0),
	);
	const fit = fitted(headers, widths, { columns, gap: GAP, narrowGap: NARROW_GAP });
	const painted = (row: number, column: number, text: string) => {
		const cell = rows[row]?.[column];
		const colour = colours && typeof cell === "object" ? cell.colour : undefined;
		return colour ? styleText(colour, text, { validateStream: false }) : text;
	};
	if (!fit) return blocks(heads, texts, painted);
	const line = (cells: readonly string[], paint: (column: number, text: string) => string) =>
		fit.shown
			.map(({ column, width }) => {
				const text = cut(cells[column] ?? "", width);
				return paint(column, text) + " ".repeat(width - widthOf(text));
			})
			.join(" ".repeat(fit.gap))
			.trimEnd();
	const lines = texts.map((cells, row) => line(cells, (column, text) => painted(row, column, text)));
	if (withHeaders) lines.unshift(line(heads, (_, text) => text));
	return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** Each row as lines of header and cell. */
function blocks(
	heads: readonly string[],
	texts: readonly (readonly string[])[],
	painted: (row: number, column: number, text: string) => string,
): string {
	const width = Math.max(...heads.map(widthOf)) + 1;
	const block = (cells: readonly string[], row: number) =>
		cells.map((text, column) => `${`${heads[column]}:`.padEnd(width)} ${painted(row, column, text)}\n`).join("");
	return texts.map(block).join("\n");
}

function cut(text: string, width: number): string {
	return widthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}

/** Control characters made visible: the texts come from clients, and must not drive the terminal. */
export function printable(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
	return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
		if (character === "\n") return "\\n";
		if (character === "\t") return " ";
		return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
	});
}

function textOf(cell: Cell): string {
	const text = typeof cell === "object" ? cell.text : String(cell);
	return text === "" ? "-" : printable(text);
}
