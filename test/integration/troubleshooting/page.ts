import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../../../docs/troubleshooting.md", import.meta.url);

/** A command of the page and what it shows of it. */
export interface Transcript {
	readonly command: string;
	readonly output: readonly string[];
}

/** A section of docs/troubleshooting.md. */
export class Section {
	readonly #heading: string;

	constructor(heading: string) {
		this.#heading = heading;
	}

	/** The config that it is about. */
	get config(): string {
		return /^```yaml\n(.*?)^```$/ms.exec(this.#text)?.[1] ?? "";
	}

	/** Its commands in order. */
	get transcripts(): readonly Transcript[] {
		const found: { command: string; output: string[] }[] = [];
		let inBlock = false;
		for (const line of this.#text.split("\n")) {
			const [, text] = /^ {4}(.*)$/.exec(line) ?? [];
			if (text?.startsWith("$ ")) {
				found.push({ command: text.slice(2), output: [] });
				inBlock = true;
			} else if (inBlock && text !== undefined) found.at(-1)?.output.push(text);
			else if (inBlock && line === "") found.at(-1)?.output.push("");
			else inBlock = false;
		}
		return found.map(({ command, output }) => ({ command, output: withoutEnd(output) }));
	}

	/** Writes what the commands said into the page. */
	replace(transcripts: readonly Transcript[]): void {
		let text = this.#text;
		for (const [i, { command, output }] of this.transcripts.entries()) {
			const block = (lines: readonly string[]) =>
				[`    $ ${command}`, ...lines.map((line) => (line === "" ? "" : `    ${line}`))].join("\n");
			text = text.replace(block(output), () => block(withoutEnd(transcripts[i]?.output ?? [])));
		}
		const page = readFileSync(FILE, "utf8");
		writeFileSync(
			FILE,
			page.replace(this.#text, () => text),
		);
	}

	get #text(): string {
		const sections = readFileSync(FILE, "utf8").split(/^(?=## )/m);
		const found = sections.find((each) => each.startsWith(`## ${this.#heading}\n`));
		if (found === undefined) throw new Error(`docs/troubleshooting.md has no section "${this.#heading}"`);
		return found;
	}
}

/** The headings of the page, in order. */
export function headings(): readonly string[] {
	return [...readFileSync(FILE, "utf8").matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading);
}

function withoutEnd(lines: readonly string[]): readonly string[] {
	const end = lines.findLastIndex((line) => line !== "");
	return lines.slice(0, end + 1);
}
