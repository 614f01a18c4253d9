/** A node of the syntax tree: ESTree with TypeScript. */
export interface SyntaxNode {
	readonly type: string;
	readonly start: number;
	readonly end: number;
	readonly [field: string]: unknown;
}

/** The nodes right below this one, in the order of its fields. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
	return Object.values(node).flatMap((value) =>
		Array.isArray(value) ? value.filter(isNode) : isNode(value) ? value : [],
	);
}

export function isNode(value: unknown): value is SyntaxNode {
	return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}
