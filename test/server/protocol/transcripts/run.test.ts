import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { parseTranscript } from "./parse-transcript.js";
import { playTranscript } from "./play-transcript.js";

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));

describe.each(files)("%s", (file) => {
	const text = readFileSync(join(import.meta.dirname, file), "utf8");
	for (const { type, steps } of parseTranscript(text)) {
		it(type ? `is what the server does for ${type}` : "is what the server does", () => {
			try {
				playTranscript(steps);
			} catch (reason) {
				const message = reason instanceof Error ? reason.message : String(reason);
				throw new Error(`test/server/protocol/transcripts/${file}: ${message}`, { cause: reason });
			}
		});
	}
});
