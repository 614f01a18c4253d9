import { parseAst } from "vitest/node";
import { type Edit, MUTATIONS } from "./mutations.js";
import { childrenOf, type SyntaxNode } from "./syntax-node.js";

/** One file with one slip in it. */
export interface Mutant extends Edit {
	readonly file: string;
	/** From 1. */
	readonly line: number;
}

/** Clocks, and the words of errors: a mutant of them says nothing about the rules. */
const PASSED_OVER = /^(?:performance\.now|Date\.now|new Date|new \w*(?:Error|Failed|Refused|NotFound))\b/;

/** All mutants of a file, in the order of its text. */
export function findMutants(file: string, source: string): readonly Mutant[] {
	const mutants: Mutant[] = [];
	const add = (edit: Edit) => {
		const line = source.slice(0, edit.start).split("\n").length;
		if (source.slice(edit.start, edit.end) !== edit.text) mutants.push({ ...edit, file, line });
	};
	const visit = (node: SyntaxNode): void => {
		if (isPassedOver(node, source)) return;
		for (const edit of MUTATIONS[node.type]?.(node, source) ?? []) add(edit);
		for (const child of childrenOf(node)) visit(child);
	};
	visit(parseAst(source, { lang: "ts", astType: "ts" }) as unknown as SyntaxNode);
	return mutants.sort((a, b) => a.start - b.start);
}

/** The file's text with the slip. */
export function withMutant(source: string, { start, end, text }: Edit): string {
	return source.slice(0, start) + text + source.slice(end);
}

function isPassedOver({ type, start, end }: SyntaxNode, source: string): boolean {
	// Where others have their turn changes nothing of what comes of it: tests of the loop see to that.
	if (type === "ExpressionStatement" && /^yield(?:;| "")/.test(source.slice(start, end))) return true;
	// How often they have it neither: `if (…) yield;`.
	if (type === "IfStatement" && /\) yield(?: "")?;$/.test(source.slice(start, end))) return true;
	if (/^(?:Import|ExportAll)/.test(type)) return true;
	// Types are not there when the code runs; what is asserted of a type is.
	if (type.startsWith("TS")) return !/^TS(?:As|Satisfies|NonNull)/.test(type);
	return PASSED_OVER.test(source.slice(start, Math.min(end, start + 40))) && /^(?:Call|New)Expression$/.test(type);
}
