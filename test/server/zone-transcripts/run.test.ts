import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import type { Mode } from "../../../src/server/wire/mode.js";
import { parseTranscript, type RequestStep } from "../protocol/transcripts/parse-transcript.js";
import { ZonedClients } from "./zoned-clients.js";

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));

/** @throws at the first line that is not as the server behaves. */
function play(text: string): void {
	const clients = new ZonedClients();
	const lines = text.split("\n").map((line, i) => ({ at: i + 1, line: line.replace(/(^|\s)#.*$/, "").trim() }));
	const pending = lines.filter(({ line }) => line !== "");
	for (let next = pending.shift(); next; next = pending.shift()) {
		const { at, line } = next;
		const expected: string[] = [];
		try {
			act(clients, line);
			while (pending[0]?.line.includes("< ")) expected.push((pending.shift() as typeof next).line);
			const [wanted, actual] = [expected.join("\n"), clients.take().join("\n")];
			if (wanted !== actual) throw new Error(`expected\n${wanted || "nothing"}\n  but got\n${actual || "nothing"}`);
		} catch (reason) {
			throw new Error(`line ${at}: ${reason instanceof Error ? reason.message : reason}`, { cause: reason });
		}
	}
	clients.closeAll();
}

function act(clients: ZonedClients, line: string): void {
	const request = /^(\w+)(> .*)$/.exec(line);
	if (request) {
		const [, name = "", rest = ""] = request;
		clients.request(name, parseTranscript(rest)[0]?.steps[0] as RequestStep);
		return;
	}
	const [verb = "", first = "", ...words] = line.split(/\s+/);
	if (verb === "serve")
		clients.serve(
			first,
			words.map((word) => word.split("=") as [string, string]),
		);
	else if (verb === "wait") clients.wait(Number(first));
	else if (verb === "open") clients.open(first, words[0] as Mode, words[1]);
	else if (verb === "close") clients.close(first);
	else throw new Error(`what is "${verb}"?`);
}

describe.each(files)("%s", (file) => {
	it("is what the server does", () => {
		try {
			play(readFileSync(join(import.meta.dirname, file), "utf8"));
		} catch (reason) {
			const message = reason instanceof Error ? reason.message : String(reason);
			throw new Error(`test/server/zone-transcripts/${file}: ${message}`, { cause: reason });
		}
	});
});
