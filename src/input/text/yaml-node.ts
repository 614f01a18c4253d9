/** A value of a YAML text that knows where it stands. What stands behind an alias is the very node of its anchor. */
export interface YamlNode {
	/** Where the value begins; -1 where there is nothing. */
	readonly offset: number;
	readonly value: unknown;
	/** How many values it is with all that aliases repeat. */
	readonly size: number;
	/** Of a scalar with variables: what is written, and what it became. */
	readonly replaced?: { readonly written: string; readonly text: string };
	/** What it holds, where nodes are kept. */
	readonly items?: readonly YamlNode[];
	readonly entries?: ReadonlyMap<string, YamlEntry>;
}

export interface YamlEntry {
	/** Where the key stands. */
	readonly offset: number;
	readonly node: YamlNode;
}

export interface Found {
	readonly offset: number;
	/** Undefined where the path leads to nothing. */
	readonly node: YamlNode | undefined;
}

/** Where the value with this path stands, or its key; what is missing is placed at what it is missing from. */
export function findNode(root: YamlNode, path: readonly PropertyKey[], at: "key" | "value"): Found {
	let node = root;
	let offset = Math.max(root.offset, 0);
	for (const [index, part] of path.entries()) {
		const entry = node.entries?.get(String(part));
		const next = entry?.node ?? (typeof part === "number" ? node.items?.[part] : undefined);
		if (!next) return { offset, node: undefined };
		const wantsKey = at === "key" && index === path.length - 1;
		// A key with nothing behind it: the key is what one looks for.
		if (entry && (wantsKey || next.offset < 0)) offset = entry.offset;
		else if (next.offset >= 0) offset = next.offset;
		node = next;
	}
	return { offset, node };
}
