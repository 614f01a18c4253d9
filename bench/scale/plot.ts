/** One line of a panel; a point without a value interrupts it. */
export interface Line {
	readonly label: string;
	readonly values: readonly (number | undefined)[];
}

/** Lines over the same time, with an axis of their own from 0 up. */
export interface Panel {
	readonly title: string;
	readonly lines: readonly Line[];
}

export interface Plot {
	readonly title: string;
	/** The time of each point, in seconds. */
	readonly seconds: readonly number[];
	readonly panels: readonly Panel[];
}

const WIDTH = 800;
const LEFT = 64;
const RIGHT = 24;
const HEAD = 44;
const PANEL = 130;
const PANEL_HEAD = 34;
const FOOT = 40;
const TICKS = 4;

/** By the line's place in its panel: on a light ground and on a dark one. */
const COLOURS = [
	["#0969da", "#4493f8"],
	["#bc4c00", "#f0883e"],
	["#8250df", "#ab7df8"],
] as const;

/** Follows the reader's colour scheme, on a ground of its own. */
const STYLE = `
	text { font: 12px system-ui, sans-serif; }
	.title { font-size: 15px; font-weight: 600; }
	.panel { font-size: 13px; }
	.line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
	${colours(0, "#ffffff", "#1f2328", "#59636e", "#d1d9e0")}
	@media (prefers-color-scheme: dark) {
	${colours(1, "#0d1117", "#f0f6fc", "#9198a1", "#3d444d")}
	}
`;

function colours(scheme: 0 | 1, ground: string, strong: string, faint: string, grid: string): string {
	const lines = COLOURS.map(
		(pair, i) => `.line-${i} { stroke: ${pair[scheme]}; } .label-${i} { fill: ${pair[scheme]}; }`,
	);
	return `.ground { fill: ${ground}; } text { fill: ${faint}; } .title, .panel { fill: ${strong}; } .grid { stroke: ${grid}; } ${lines.join(" ")}`;
}

/** An SVG of panels one below the other. */
export function plot({ title, seconds, panels }: Plot): string {
	const height = HEAD + panels.length * (PANEL_HEAD + PANEL) + FOOT;
	const end = Math.max(...seconds, 1);
	const x = (at: number) => LEFT + (at / end) * (WIDTH - LEFT - RIGHT);
	const drawn = panels.map((panel, i) => panelOf(panel, seconds, x, HEAD + i * (PANEL_HEAD + PANEL)));
	const foot = height - FOOT;
	const times = ticks(end, end > 180 ? 60 : 1).map((at) =>
		text(x(at), foot + 18, end > 180 ? `${at / 60} min` : `${at} s`, 'text-anchor="middle"'),
	);
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
		`<style>${STYLE}</style>`,
		`<rect width="${WIDTH}" height="${height}" class="ground"/>`,
		text(LEFT, 26, title, 'class="title"'),
		...drawn,
		...times,
		"</svg>\n",
	].join("\n");
}

function panelOf({ title, lines }: Panel, seconds: readonly number[], x: (at: number) => number, top: number): string {
	const most = Math.max(...lines.flatMap(({ values }) => values.map((value) => value ?? 0)), Number.EPSILON);
	const marks = ticks(most, 0, true);
	const highest = marks.at(-1) as number;
	const bottom = top + PANEL_HEAD + PANEL;
	const y = (value: number) => bottom - (value / highest) * PANEL;
	const grid = marks.map(
		(mark) =>
			`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(mark))}" y2="${round(y(mark))}"/>${text(LEFT - 8, y(mark) + 4, mark.toLocaleString("en"), 'text-anchor="end"')}`,
	);
	let legendAt = WIDTH - RIGHT;
	const legend = [...lines.entries()].reverse().map(([i, { label }]) => {
		const drawn = text(legendAt, top + 24, label, `text-anchor="end" class="label-${i}"`);
		legendAt -= label.length * 7 + 16;
		return drawn;
	});
	const drawn = lines.map(({ values }, i) => `<path class="line line-${i}" d="${pathOf(values, seconds, x, y)}"/>`);
	return [text(LEFT, top + 24, title, 'class="panel"'), ...legend, ...grid, ...drawn].join("\n");
}

function pathOf(
	values: Line["values"],
	seconds: readonly number[],
	x: (at: number) => number,
	y: (value: number) => number,
): string {
	let path = "";
	let drawing = false;
	for (const [i, value] of values.entries()) {
		if (value !== undefined) path += `${drawing ? "L" : "M"}${round(x(seconds[i] as number))} ${round(y(value))}`;
		drawing = value !== undefined;
	}
	return path;
}

/** Round numbers from 0 to the most, or to the first above it; no step is less than the unit. */
function ticks(most: number, unit: number, above = false): number[] {
	const rough = most / TICKS / (unit || 1);
	const power = 10 ** Math.floor(Math.log10(rough));
	const step =
		Math.max(([1, 2, 5, 10].find((each) => each * power >= rough) as number) * power, unit ? 1 : 0) * (unit || 1);
	const count = above ? Math.ceil(most / step) : Math.floor(most / step);
	// Not by adding up, which gathers errors of rounding.
	return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

function text(x: number, y: number, value: string, attributes: string): string {
	return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(value)}</text>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

function escaped(value: string): string {
	return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
