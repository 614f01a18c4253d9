import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const page = await readFile(join(import.meta.dirname, "../../docs/scaling.md"), "utf8");

/** What the worked examples begin with. */
interface Given {
	readonly N: number;
	readonly d: number;
	readonly s: number;
}

const U = 0.5;
const M = 2_000;
const T = 10;
const NAMESPACES = 50;
const QUESTIONS = 1_000 / 30;

/** The page's formulas, by the first cell of their rows. */
function expected({ N, d, s }: Given): Readonly<Record<string, number>> {
	const { m0, m, f, p, c, b, v, a } = figures();
	const micro = 1e-6;
	const byCpu = (U - d * f * 1e-3) / (d * s * p * micro);
	const byMemory = ((M - m0) * 1e3) / m;
	const byStorm = T / (c * micro);
	const n = Math.floor(Math.min(byCpu, byMemory, byStorm) / 1_000) * 1_000;
	const R = Math.ceil(N / n) + 1;
	const pushes = d * s * n;
	return {
		"clients a replica by CPU": byCpu,
		"by memory": byMemory,
		"by storm": byStorm,
		"`n`, clients a replica": n,
		"replicas, with one to spare": R,
		"MB each": m0 + (n * m) / 1e3,
		"pushes a second, each": pushes,
		"cores each": d * f * 1e-3 + pushes * p * micro,
		"Mbit a second out, each": (pushes * b * 8) / 1e6,
		"watches at the Kubernetes API, 50 namespaces": R * NAMESPACES,
		"DNS questions a second, 1,000 names asked every 30 s": R * QUESTIONS,
		"one replica fails: its clients are back after s": (n * c * micro) / (R - 1),
		"all replicas start anew: all clients are back after s": n * c * micro,
		"of it sent, GB, with versions": (N * v) / 1e6,
		"of it sent, GB, without": (N * a) / 1e6,
	};
}

type Symbols = "m0" | "m" | "f" | "p" | "c" | "b" | "v" | "a";

function figures(): Readonly<Record<Symbols, number>> {
	const found = [...page.matchAll(/^\| `(\w+)` +\|[^|]+\| ([\d.,]+) +\|/gm)];
	return Object.fromEntries(found.map(([, symbol, figure]) => [symbol, numberOf(figure)])) as Record<Symbols, number>;
}

/** The cells of the rows below a heading. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
	const section = page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
	const lines = section.split("\n").filter((line) => line.startsWith("|"));
	return lines.slice(2).map((line) =>
		line
			.slice(1, -1)
			.split("|")
			.map((cell) => cell.trim()),
	);
}

function numberOf(text = ""): number {
	return Number(text.replaceAll(",", ""));
}

/** As the page writes it: three digits at least where there is something behind the point. */
function written(value: number): string {
	const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
	return value.toLocaleString("en", { maximumFractionDigits: digits });
}

describe("docs/scaling.md", () => {
	it("computes its worked examples from its measured figures", () => {
		const rows = new Map(rowsBelow("Worked examples").map(([name = "", ...cells]) => [name, cells]));
		const given = (row: string) => rows.get(row)?.map(numberOf) ?? [];
		const [many, changes, shares] = ["`N`, clients", "`d`, changes a second", "`s`, wanted by"].map(given);
		expect(many).toHaveLength(4);
		const columns = (many ?? []).map((N, i) => expected({ N, d: changes?.[i] ?? 0, s: shares?.[i] ?? 0 }));
		for (const name of Object.keys(columns[0] ?? {})) {
			expect(`${name}: ${rows.get(name)?.join(", ")}`).toBe(
				`${name}: ${columns.map((column) => written(column[name] as number)).join(", ")}`,
			);
		}
	});
});
