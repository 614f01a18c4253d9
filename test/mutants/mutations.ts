import { isNode, type SyntaxNode } from "./syntax-node.js";

/** A stretch of a file's text, and what a mutant has there instead. */
export interface Edit {
	readonly start: number;
	readonly end: number;
	readonly text: string;
}

type Mutate = (node: SyntaxNode, source: string) => readonly Edit[];

const OPERATORS: Readonly<Record<string, string>> = {
	...{ "===": "!==", "!==": "===", "==": "!=", "!=": "==" },
	...{ "<": "<=", "<=": "<", ">": ">=", ">=": ">" },
	...{ "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&" },
	...{ "&&": "||", "||": "&&", "++": "--", "--": "++", "+=": "-=", "-=": "+=" },
};

const METHODS: Readonly<Record<string, string>> = {
	...{ some: "every", every: "some", min: "max", max: "min", findLast: "find" },
};

/** Calls that give back what they were called on, more or less. */
const DROPPED = new Set(["filter", "sort", "toSorted", "reverse", "toReversed", "slice", "flat"]);

/** What can be wrong with a node of each kind, one slip at a time. */
export const MUTATIONS: Readonly<Record<string, Mutate>> = {
	BinaryExpression: (node, source) => (joinsText(node) ? [] : swapOperator(node, source)),
	LogicalExpression: (node, source) => {
		const { left, operator } = node as unknown as { left: SyntaxNode; operator: string };
		return operator === "??" ? [keep(node, left, source)] : swapOperator(node, source);
	},
	UpdateExpression: (node, source) => {
		const { operator, prefix, argument } = node as unknown as {
			operator: string;
			prefix: boolean;
			argument: SyntaxNode;
		};
		const text = OPERATORS[operator] ?? "";
		const kept = source.slice(argument.start, argument.end);
		return [replace(node, prefix ? text + kept : kept + text)];
	},
	AssignmentExpression: (node, source) => [...swapOperator(node, source), ...alwaysAssign(node, source)],
	UnaryExpression: (node, source) =>
		node.operator === "!" || node.operator === "-" ? [keep(node, node.argument as SyntaxNode, source)] : [],
	IfStatement: (node, source) => conditions(node.test as SyntaxNode, source, ["true", "false"]),
	ConditionalExpression: (node, source) => conditions(node.test as SyntaxNode, source, ["true", "false"]),
	WhileStatement: (node, source) => conditions(node.test as SyntaxNode, source, ["false"]),
	ExpressionStatement: (node) => {
		const { type, callee } = node.expression as { type: string; callee?: SyntaxNode };
		return type === "Literal" || callee?.type === "Super" ? [] : [replace(node, ";")];
	},
	ThrowStatement: (node) => [replace(node, ";")],
	BreakStatement: (node) => [replace(node, ";")],
	ContinueStatement: (node) => [replace(node, ";")],
	Literal: (node) => {
		if (typeof node.value === "boolean") return [replace(node, `${!node.value}`)];
		return typeof node.value === "number"
			? [1, -1].map((by) => replace(node, `(${node.value as number} + ${by})`))
			: [];
	},
	CallExpression: (node, source) => mutateCall(node, source),
	...Object.fromEntries(
		["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].map((type) => [type, returnAtOnce]),
	),
};

function replace({ start, end }: Pick<SyntaxNode, "start" | "end">, text: string): Edit {
	return { start, end, text };
}

/** Only this part of the node is left. */
function keep(node: SyntaxNode, part: SyntaxNode, source: string): Edit {
	return replace(node, `(${source.slice(part.start, part.end)})`);
}

function swapOperator(node: SyntaxNode, source: string): readonly Edit[] {
	const { left, right, operator } = node as unknown as { left: SyntaxNode; right: SyntaxNode; operator: string };
	const text = OPERATORS[operator];
	const start = source.indexOf(operator, left.end);
	return text === undefined || start === -1 || start >= right.start
		? []
		: [{ start, end: start + operator.length, text }];
}

function alwaysAssign(node: SyntaxNode, source: string): readonly Edit[] {
	const { left, operator } = node as unknown as { left: SyntaxNode; operator: string };
	if (!["??=", "||=", "&&="].includes(operator)) return [];
	const start = source.indexOf(operator, left.end);
	return [{ start, end: start + operator.length, text: "=" }];
}

function conditions(test: SyntaxNode, source: string, values: readonly string[]): readonly Edit[] {
	return [`!(${source.slice(test.start, test.end)})`, ...values].map((text) => replace(test, text));
}

function mutateCall(node: SyntaxNode, source: string): readonly Edit[] {
	const { callee } = node as unknown as { callee: SyntaxNode };
	if (callee.type !== "MemberExpression" || callee.computed) return [];
	const { object, property } = callee as unknown as { object: SyntaxNode; property: SyntaxNode };
	const name = source.slice(property.start, property.end);
	if (DROPPED.has(name)) return [keep(node, object, source)];
	const text = METHODS[name];
	return text === undefined ? [] : [replace(property, text)];
}

/** A function that does nothing. */
function returnAtOnce(node: SyntaxNode): readonly Edit[] {
	const { body } = node;
	if (!isNode(body) || body.type !== "BlockStatement" || (body.body as unknown[]).length === 0) return [];
	return [{ start: body.start + 1, end: body.start + 1, text: " return undefined as never; " }];
}

/** Whether a `+` puts texts together; numbers of a text are not what the rules are about. */
function joinsText(node: SyntaxNode): boolean {
	if (node.operator !== "+") return false;
	const isText = (side: SyntaxNode) =>
		side.type === "TemplateLiteral" || typeof side.value === "string" || joinsText(side);
	return [node.left, node.right].some((side) => isNode(side) && isText(side));
}
