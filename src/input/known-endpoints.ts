import type { Endpoint } from "../model/endpoint.js";
import { differenceOf } from "../model/list-difference.js";
import { endpointListSchema } from "./endpoint-schema.js";
import { yamlItems } from "./yaml/yaml-items.js";
import { readYamlSubset } from "./yaml/yaml-subset.js";

/**
 * The endpoints of a file as it was read last, by their own lines. When the file is read again, only those whose lines
 * are others are parsed and checked; the rest stay the very same objects.
 */
export class KnownEndpoints {
	/** Of the newest text: pieces of older ones would keep the whole of these in memory. */
	#items: readonly string[] = [];
	#endpoints: readonly Endpoint[] = [];

	/** Undefined where the text has to be read as a whole: it is written in another way, or something is wrong with it. */
	read(text: string): readonly Endpoint[] | undefined {
		const parts = yamlItems(text);
		if (!parts) return undefined;
		const { head, items } = parts;
		const kept = this.#kept(items);
		const others = items.filter((_, i) => !kept[i]);
		const rest = readYamlSubset(others.length > 0 ? `${head}${others.join("")}` : `${head}[]`);
		const read = rest && endpointListSchema.safeParse(rest.value);
		if (!read?.success || read.data.length !== others.length) return undefined;
		let next = 0;
		this.#endpoints = kept.map((endpoint) => endpoint ?? (read.data[next++] as Endpoint));
		this.#items = items;
		return this.#endpoints;
	}

	/** For each item what is known of it. Mostly the lists begin and end alike. */
	#kept(items: readonly string[]): (Endpoint | undefined)[] {
		const [before, endpoints] = [this.#items, this.#endpoints];
		const { start, endBefore, endAfter } = differenceOf(before, items);
		const between = new Map<string, Endpoint>();
		for (let i = start; i < endBefore; i++) between.set(before[i] as string, endpoints[i] as Endpoint);
		const moved = endBefore - endAfter;
		return items.map((item, i) =>
			i < start ? endpoints[i] : i >= endAfter ? endpoints[i + moved] : between.get(item),
		);
	}
}
