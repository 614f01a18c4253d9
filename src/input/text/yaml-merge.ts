import type { YamlEntry, YamlNode } from "./yaml-node.js";

type Values = Record<string, unknown>;

/** Whether `<<` takes it: a map, or a list of maps. */
export function isMergeable(value: unknown): boolean {
	return Array.isArray(value) ? value.every(isMap) : isMap(value);
}

/** Adds what a `<<` names: the map's own keys win, and then the first map that has one. */
export function merge(value: Values, entries: Map<string, YamlEntry>, node: YamlNode): void {
	const sources = Array.isArray(node.value) ? (node.value as readonly Values[]) : [node.value as Values];
	for (const [i, source] of sources.entries()) {
		const places = node.items ? node.items[i]?.entries : node.entries;
		for (const [key, each] of Object.entries(source)) {
			if (Object.hasOwn(value, key)) continue;
			value[key] = each;
			const place = places?.get(key);
			if (place) entries.set(key, place);
		}
	}
}

function isMap(value: unknown): value is Values {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
