import { styleText } from "node:util";

export type Colour = "green" | "yellow" | "red";

/** What stands in a table's cell; the colour is left out where it is not wanted. */
export type Cell = string | number | { readonly text: string; readonly colour: Colour | undefined };

const GAP = "   ";

/** A table as kubectl prints it: upper-case headers, columns padded to their widest cell, an empty cell as `-`. */
export function renderTable(headers: readonly string[], rows: readonly (readonly Cell[])[], colours: boolean): string {
	const lines = [headers, ...rows];
	const texts = lines.map((line) => line.map(textOf));
	// Not by the arguments of Math.max: there may be more rows than a call takes.
	const widths = headers.map((_, column) =>
		texts.reduce((widest, line) => Math.max(widest, widthOf(line[column] ?? "")), 0),
	);
	const rendered = lines.map((line, row) =>
		line
			.map((cell, column) => {
				const text = texts[row]?.[column] ?? "";
				const padding = " ".repeat((widths[column] ?? 0) - widthOf(text));
				const colour = colours && typeof cell === "object" ? cell.colour : undefined;
				return (colour ? styleText(colour, text, { validateStream: false }) : text) + padding;
			})
			.join(GAP)
			.trimEnd(),
	);
	return `${rendered.join("\n")}\n`;
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

function widthOf(text: string): number {
	return [...text].length;
}
