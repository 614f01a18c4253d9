import { styleText } from "node:util";
import { cleanText } from "../../util/text/clean-text.js";

type Style = Parameters<typeof styleText>[0];

const STYLES: Readonly<Record<string, Style>> = {
	trace: "dim",
	debug: "dim",
	info: "green",
	warn: "yellow",
	error: "red",
};

/**
 * A line of the log for people: `13:11:14.402 INFO  service added web synced endpoints=3`. Fields stand in their order, the
 * service and its state without their names; the stack of an error stands below.
 * @param json the line as pino writes it, with its line end
 */
export function prettyLine(json: string, colours: boolean): string {
	const { time, level, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>;
	const style = (as: Style | undefined, text: string) =>
		colours && as ? styleText(as, text, { validateStream: false }) : text;
	const shown = Object.entries(fields).map(([name, value]) => field(name, value, style));
	const { stack, ...error } = (err ?? {}) as { readonly stack?: string; readonly message?: string };
	const head = [
		style("dim", localTime(String(time))),
		style(STYLES[String(level)], String(level).toUpperCase().padEnd(5)),
		clean(String(msg)),
		...shown,
		...(err && !stack ? [clean(error.message ?? "")] : []),
	];
	const below = stack === undefined ? "" : `${clean(stack, true)}\n`;
	return `${head.join(" ")}\n${below}`;
}

/** Of the local day: whoever reads it sees the clock on the wall. */
function localTime(iso: string): string {
	const date = new Date(iso);
	const two = (part: number, length = 2) => String(part).padStart(length, "0");
	const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => two(part)).join(":");
	return `${clock}.${two(date.getMilliseconds(), 3)}`;
}

function field(name: string, value: unknown, style: (as: Style, text: string) => string): string {
	const text = valueText(value);
	return name === "service" || name === "state" ? text : `${style("dim", `${name}=`)}${text}`;
}

/** Without quotes where it can be read all the same. */
function valueText(value: unknown): string {
	if (Array.isArray(value))
		return `[${value.map((each) => (typeof each === "string" ? clean(each) : valueText(each))).join(", ")}]`;
	if (typeof value !== "string") return clean(JSON.stringify(value));
	return /^[^\s"=[\]]+$/.test(value) ? clean(value) : clean(JSON.stringify(value));
}

function clean(text: string, lines = false): string {
	return cleanText(text, { max: Number.POSITIVE_INFINITY, lines });
}
