import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import { messageOf } from "../../util/errors.js";
import type { Substitute } from "../variables.js";
import { isMergeable, merge } from "./yaml-merge.js";
import type { YamlEntry, YamlNode } from "./yaml-node.js";
import { plainScalar, scalarOffset } from "./yaml-scalar.js";
import { coreTag, taggedScalar } from "./yaml-tags.js";

/** Told of what is wrong: at an offset, and whether the text then means nothing at all. */
export type TellYaml = (offset: number, path: readonly PropertyKey[], message: string, broken: boolean) => void;

export interface ComposeOptions {
	readonly substitute: Substitute | undefined;
	readonly tell: TellYaml;
	/** Whether the nodes are kept, and not only the value of the whole. */
	readonly places: boolean;
	/** The line of an offset, from 1. */
	readonly lineOf: (offset: number) => number;
}

/** How many values aliases may repeat in all: far below what a few lines of aliases to aliases come to. */
const MAX_REPEATED = 1_000_000;

interface Key {
	readonly name: string;
	readonly offset: number;
	/** Whether it is `<<`, not in quotes. */
	readonly merges: boolean;
}

interface Open {
	node: YamlNode | undefined;
}

/**
 * The parser's events as values by YAML 1.2's core schema: keys stay as they are written, `<<` merges maps, aliases are
 * the values of their anchors. The time it takes is linear, whatever the aliases.
 * @returns undefined where there is no document.
 */
export function composeYaml(text: string, events: readonly Event[], options: ComposeOptions): YamlNode | undefined {
	return new Composer(text, events, options).read();
}

class Composer {
	readonly #text: string;
	readonly #events: readonly Event[];
	readonly #substitute: Substitute | undefined;
	readonly #tell: TellYaml;
	readonly #places: boolean;
	readonly #lineOf: (offset: number) => number;
	readonly #anchors = new Map<string, Open>();
	readonly #path: PropertyKey[] = [];
	#at = 0;
	#repeated = 0;

	constructor(text: string, events: readonly Event[], { substitute, tell, places, lineOf }: ComposeOptions) {
		this.#text = text;
		this.#events = events;
		this.#substitute = substitute;
		this.#tell = tell;
		this.#places = places;
		this.#lineOf = lineOf;
	}

	read(): YamlNode | undefined {
		const [start] = this.#events;
		if (start?.type !== EVENT_ID.DOCUMENT) return undefined;
		for (const { kind } of start.directives) {
			if (kind === "tag") this.#break(0, "a %TAG directive is not understood; leave it out");
		}
		this.#at = 1;
		const root = this.#node();
		this.#at++;
		if (this.#at < this.#events.length) {
			const marks = [...this.#text.matchAll(/^---(?=\s|$)/gm)];
			const second = marks[start.explicitStart ? 1 : 0];
			this.#break(second?.index ?? 0, "only one document is allowed; remove the --- between them");
		}
		return root;
	}

	#node(): YamlNode {
		const event = this.#events[this.#at++] as Event;
		switch (event.type) {
			case EVENT_ID.SCALAR:
				return this.#anchored(event, () => this.#scalar(event));
			case EVENT_ID.SEQUENCE:
				this.#tagOf(event, "seq");
				return this.#anchored(event, () => this.#list(event.start));
			case EVENT_ID.MAPPING:
				this.#tagOf(event, "map");
				return this.#anchored(event, () => this.#map(event.start));
			case EVENT_ID.ALIAS:
				return this.#alias(event.anchorStart, event.anchorEnd);
			default:
				throw new Error(`an event of YAML that is not expected: ${event.type}`);
		}
	}

	#anchored(event: { readonly anchorStart: number; readonly anchorEnd: number }, read: () => YamlNode): YamlNode {
		if (event.anchorStart < 0) return read();
		const open: Open = { node: undefined };
		this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), open);
		open.node = read();
		return open.node;
	}

	#alias(start: number, end: number): YamlNode {
		const name = this.#text.slice(start, end);
		const anchor = this.#anchors.get(name);
		const node = anchor?.node;
		if (node) {
			this.#repeated += node.size;
			if (this.#repeated <= MAX_REPEATED) return node;
			const message = `aliases repeat more than ${MAX_REPEATED.toLocaleString("en")} values; write fewer of them`;
			this.#break(start - 1, message);
		} else if (anchor) {
			this.#break(start - 1, "this alias stands within the very value that it repeats");
		} else {
			this.#break(start - 1, `there is no anchor &${name.slice(0, 40)} before this alias`);
		}
		return { offset: start - 1, value: null, size: 1 };
	}

	#tagOf(event: { readonly tagStart: number; readonly tagEnd: number }, kind: "seq" | "map" | "scalar"): string {
		if (event.tagStart < 0) return kind;
		const tag = this.#text.slice(event.tagStart, event.tagEnd);
		const core = coreTag(tag);
		const isCollection = core === "seq" || core === "map";
		if (core === "" || (core !== undefined && (kind === "scalar" ? !isCollection : core === kind))) return core;
		this.#break(event.tagStart, `not valid YAML: unresolved tag: ${tag.slice(0, 40)}`);
		return "";
	}

	#scalar(event: ScalarEvent): YamlNode {
		const source = getScalarValue(this.#text, event);
		const offset = scalarOffset(this.#text, event);
		const tag = this.#tagOf(event, "scalar");
		let text = source;
		if (this.#substitute && source.includes("$")) {
			try {
				text = this.#substitute(source);
			} catch (error) {
				this.#tell(offset, this.#path, messageOf(error), false);
			}
		}
		const replaced = text === source ? undefined : { replaced: { written: source, text } };
		if (tag === "scalar") {
			const value = event.style === SCALAR_STYLE.PLAIN ? plainScalar(text) : text;
			return { offset, value, size: 1, ...replaced };
		}
		const tagged = taggedScalar(tag, text);
		if (!tagged) this.#break(event.tagStart, `not valid YAML: this is not a !!${tag}`);
		return { offset, value: tagged?.value, size: 1, ...replaced };
	}

	#list(offset: number): YamlNode {
		const value: unknown[] = [];
		const items: YamlNode[] = [];
		let size = 1;
		while (!this.#closes()) {
			this.#path.push(value.length);
			const item = this.#node();
			this.#path.pop();
			value.push(item.value);
			if (this.#places) items.push(item);
			size += item.size;
		}
		return { offset, value, size, ...(this.#places ? { items } : {}) };
	}

	#map(offset: number): YamlNode {
		const value: Record<string, unknown> = {};
		const entries = new Map<string, YamlEntry>();
		const merged: YamlNode[] = [];
		const seen = new Map<string, number>();
		let size = 1;
		while (!this.#closes()) {
			const key = this.#key();
			this.#path.push(key.name);
			const first = this.#firstOf(key, seen);
			const node = this.#node();
			if (key.merges && first === undefined) {
				if (isMergeable(node.value)) merged.push(node);
				else this.#break(node.offset < 0 ? key.offset : node.offset, "<< takes a map or a list of maps");
			} else if (first === undefined && key.name !== "__proto__") {
				value[key.name] = node.value;
				if (this.#places) entries.set(key.name, { offset: key.offset, node });
			}
			size += node.size;
			this.#path.pop();
		}
		for (const node of merged) merge(value, entries, node);
		return { offset, value, size, ...(this.#places ? { entries } : {}) };
	}

	/** Where the key stands for the first time, if this is not it; tells that, and a key that cannot be. */
	#firstOf({ name, offset }: Key, seen: Map<string, number>): number | undefined {
		const first = seen.get(name);
		if (first === undefined) {
			seen.set(name, offset);
		} else {
			const message = `duplicate key; the first one is on line ${this.#lineOf(first)}`;
			this.#tell(offset, this.#path, message, false);
		}
		if (name === "__proto__") this.#tell(offset, this.#path, 'the key "__proto__" is not allowed', false);
		return first;
	}

	/** A key as it is written: `1.10` and `true` are texts here. */
	#key(): Key {
		const event = this.#events[this.#at] as Event;
		const plain = event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN;
		if (event.type === EVENT_ID.SCALAR && (event.valueStart >= 0 || event.tagStart >= 0)) {
			this.#at++;
			const name = getScalarValue(this.#text, event);
			if (event.tagStart >= 0) this.#tagOf(event, "scalar");
			const offset = scalarOffset(this.#text, event);
			this.#anchored(event, () => ({ offset, value: name, size: 1 }));
			return { name, offset, merges: plain && name === "<<" && event.tagStart < 0 };
		}
		const node = this.#node();
		const offset = event.type === EVENT_ID.ALIAS ? event.anchorStart - 1 : node.offset < 0 ? this.#next() : node.offset;
		this.#break(offset, "a key must be a string");
		return { name: "", offset, merges: false };
	}

	/** Where the next value stands. */
	#next(): number {
		const event = this.#events[this.#at];
		return event?.type === EVENT_ID.SCALAR
			? scalarOffset(this.#text, event)
			: event && "start" in event
				? event.start
				: 0;
	}

	#closes(): boolean {
		if (this.#events[this.#at]?.type !== EVENT_ID.POP) return false;
		this.#at++;
		return true;
	}

	#break(offset: number, message: string): void {
		this.#tell(offset, [], message, true);
	}
}
