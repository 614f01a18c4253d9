import { type YamlBlock, yamlBlocks } from "../input/yaml/yaml-blocks.js";
import type { Substitute } from "../input/yaml/yaml-document.js";
import { readYamlSubset } from "../input/yaml/yaml-subset.js";
import type { ServiceDefinition } from "../model/service.js";
import { InvalidTarget, UnsupportedScheme } from "../util/errors.js";
import type { TargetReader } from "./target-reader.js";

interface Read {
	readonly services: ReadonlyMap<string, ServiceDefinition>;
}

export interface KnownServicesOptions<T extends Read> {
	readonly substitute: Substitute;
	/** Checks a value; undefined if something is wrong with it. */
	readonly check: (value: unknown) => T | undefined;
	/** Has learnt by then of the providers that the config makes. */
	readonly targets: TargetReader;
}

interface Known {
	/** Of the newest text: a piece of an older one would keep the whole of it in memory. */
	readonly lines: string;
	readonly service: ServiceDefinition;
}

const NONE: ReadonlyMap<string, Known> = new Map();

/**
 * The services of a config file as it was read last, by their own lines. When the file is read again, only those whose
 * lines are others are parsed and checked; the rest stay the very same objects.
 */
export class KnownServices {
	#file: string | undefined;
	#known: ReadonlyMap<string, Known> = new Map();

	/** Undefined where the text has to be read as a whole: it is written in another way, or something is wrong with it. */
	read<T extends Read>(
		text: string,
		file: string,
		{ substitute, check, targets }: KnownServicesOptions<T>,
	): T | undefined {
		const parts = yamlBlocks(text, "services");
		if (!parts) return undefined;
		const { head, opening, blocks, tail } = parts;
		// The file's name is in what was read of it.
		const before = this.#file === file ? this.#known : NONE;
		const isKnown = ({ key, text: lines }: YamlBlock) => before.get(key)?.lines === lines;
		const kept = blocks.map((block) => (isKnown(block) ? before.get(block.key) : undefined));
		const others = blocks.filter((_, i) => !kept[i]).map((block) => block.text);
		const services = others.length > 0 ? `${opening}${others.join("")}` : opening.replace(":", ": {}");
		const rest = readYamlSubset(`${head}${services}${tail}`, substitute);
		const read = rest && check(rest.value);
		if (!read) return undefined;
		// In an object first, for the same order as when it is read as a whole.
		const inOrder: Record<string, ServiceDefinition> = {};
		const known = new Map<string, Known>();
		for (const [i, { key, text: lines }] of blocks.entries()) {
			const old = kept[i];
			const service = old?.service ?? read.services.get(key);
			if (!service || Object.hasOwn(inOrder, key)) return undefined;
			if (old && !canStay(service, targets)) return undefined;
			inOrder[key] = service;
			// Variables may have other values when the text is the same.
			if (old || !lines.includes("$")) known.set(key, { lines, service });
		}
		this.#file = file;
		this.#known = known;
		return { ...read, services: new Map(Object.entries(inOrder)) };
	}
}

/** What is registered for the schemes of its targets may be another provider now. */
function canStay({ targets }: ServiceDefinition, reader: TargetReader): boolean {
	try {
		for (const { target } of targets) reader.check(target);
		return true;
	} catch (error) {
		if (error instanceof InvalidTarget || error instanceof UnsupportedScheme) return false;
		throw error;
	}
}
