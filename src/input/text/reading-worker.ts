import { parentPort } from "node:worker_threads";
import { placeFindings, readText } from "./read-text.js";
import type { ReadingTask } from "./text-reader.js";

parentPort?.on("message", ({ text, options, findings }: ReadingTask) => {
	parentPort?.postMessage(findings ? placeFindings(text, findings, options) : readText(text, options));
});
