import { parentPort } from "node:worker_threads";
import { placeFindings, readText } from "./read-text.js";
import type { ReadingAnswer, ReadingTask } from "./text-reader.js";
import { takeApart, type ValuePart } from "./value-parts.js";

/** Of the last answer what was not fetched yet. */
let left: ValuePart[] = [];

parentPort?.on("message", (task: ReadingTask | "more") => {
	parentPort?.postMessage(task === "more" ? left.shift() : answerOf(task));
});

function answerOf({ text, options, findings }: ReadingTask): ReadingAnswer {
	left = [];
	if (findings) return { placed: placeFindings(text, findings, options) };
	const read = readText(text, options);
	// What aliases repeat is to stay one object, so it comes in one piece.
	if (text.includes("&")) return { read, parts: 0 };
	const { frame, parts } = takeApart(read.value);
	left = [...parts];
	return { read: { ...read, value: frame }, parts: parts.length };
}
