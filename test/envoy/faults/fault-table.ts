import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../../../lab/faults/fault.js";

const PAGE = join(import.meta.dirname, "../../../docs/reliability.md");
const HEADING = "### What clients hold while a source fails";

/** What is on beside the fault. */
export interface Precautions {
	readonly guard: boolean;
	/** Fingerpost is started again while the source fails, with a `state.directory`. */
	readonly state: boolean;
}

/** The table of docs/reliability.md: what clients hold of a provider's service, in its words. */
export class FaultTable {
	readonly #rows: ReadonlyMap<string, ReadonlyMap<string, string>>;

	private constructor(rows: ReadonlyMap<string, ReadonlyMap<string, string>>) {
		this.#rows = rows;
	}

	static async read(): Promise<FaultTable> {
		const [, section = ""] = (await readFile(PAGE, "utf8")).split(`${HEADING}\n`);
		const [, table = ""] = /\n(\|.*?)\n\n/s.exec(section) ?? [];
		const [head = [], , ...rows] = table.split("\n").map(cells);
		return new FaultTable(
			new Map(rows.map(([label = "", ...held]) => [label, new Map(held.map((text, i) => [head[i + 1] ?? "", text]))])),
		);
	}

	/** The providers, as rows of the lab name them. */
	get columns(): readonly string[] {
		return [...([...this.#rows.values()][0]?.keys() ?? [])];
	}

	/** The faults that have a row, those with precautions too. */
	get labels(): readonly string[] {
		return [...this.#rows.keys()];
	}

	/** The row with most of the precautions that there are counts. @throws Error if there is none. */
	held(provider: string, fault: Fault, { guard, state }: Precautions): string {
		const labels = [
			...(guard && state ? [`${fault}, guard and state`] : []),
			...(state ? [`${fault}, with state`] : []),
			...(guard ? [`${fault}, with a guard`] : []),
			fault,
		];
		const label = labels.find((each) => this.#rows.has(each));
		const text = label === undefined ? undefined : this.#rows.get(label)?.get(provider);
		if (text === undefined) throw new Error(`docs/reliability.md does not say what is held of ${provider}, ${fault}`);
		return text;
	}
}

function cells(line: string): readonly string[] {
	return line
		.split("|")
		.slice(1, -1)
		.map((cell) => cell.trim());
}
