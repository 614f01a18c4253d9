import { type DescField, type DescMessage, fromJson, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { describe } from "../../input/check.js";
import type { Finding } from "../../input/problem.js";
import { compareText } from "../../model/endpoint.js";
import type { MessageJson, Overlay } from "../../model/policies/policies.js";
import { didYouMean } from "../../util/text/suggest.js";
import { descriptorRegistry } from "./descriptor-registry.js";
import { OVERLAID, overlaidMessage } from "./overlaid.js";
import { ANY, fieldOf, messageOfUrl, ownJsonOf, typeNameOf } from "./well-known.js";

export type ReadOverlay =
	| { readonly value: MessageJson; readonly findings?: undefined }
	| { readonly value?: undefined; readonly findings: readonly Finding[] };

/**
 * Checks a part of an overlay against the descriptors in the program.
 * @returns it with the names of JSON, keys in order; or all that is wrong with it.
 */
export function readOverlay(part: keyof Overlay, written: unknown): ReadOverlay {
	const reader = new OverlayReader();
	const value = reader.message(overlaidMessage(part), written, [], OVERLAID[part].own);
	return reader.findings.length > 0 ? { findings: reader.findings } : { value: value as MessageJson };
}

type Path = readonly PropertyKey[];

class OverlayReader {
	readonly findings: Finding[] = [];

	/** @param own fields that cannot be written. */
	message(of: DescMessage, written: unknown, path: Path, own: readonly string[] = []): unknown {
		if (of.typeName === ANY) return this.#any(written, path);
		if (!isObject(written)) return this.#wrong(path, `expected keys of ${of.typeName}, not ${describe(written)}`);
		const read: Record<string, unknown> = {};
		const oneofs = new Map<string, string>();
		for (const key of Object.keys(written).sort(compareText)) {
			const field = fieldOf(of, key);
			const at = [...path, key];
			if (!field) this.#wrongKey(at, unknownField(of, key));
			else if (own.includes(field.jsonName))
				this.#wrongKey(at, `is Fingerpost's own and cannot be overridden; so are ${own.join(", ")}`);
			else if (Object.hasOwn(read, field.jsonName)) this.#wrongKey(at, `is given twice, as ${field.jsonName} too`);
			else {
				// What is taken away excludes nothing.
				const oneof = written[key] === null ? undefined : field.oneof;
				const other = oneof && oneofs.get(oneof.name);
				if (other !== undefined) this.#wrongKey(at, `excludes ${other}, which is given too`);
				if (oneof) oneofs.set(oneof.name, key);
				read[field.jsonName] = this.#field(field, written[key], at);
			}
		}
		return read;
	}

	#field(field: DescField, written: unknown, path: Path): unknown {
		// It takes the field away.
		if (written === null) return null;
		if (field.fieldKind === "list") {
			if (!Array.isArray(written)) return this.#wrong(path, `expected a list, not ${describe(written)}`);
			return written.map((each, i) => this.#value(field, each, [...path, i], (value) => [value]));
		}
		if (field.fieldKind === "map") {
			if (!isObject(written)) return this.#wrong(path, `expected keys with values, not ${describe(written)}`);
			const entries = Object.keys(written).sort(compareText);
			return Object.fromEntries(
				entries.map((key) => {
					// It takes the entry away; a list is replaced, so within one there is nothing to take.
					if (written[key] === null && !path.some((each) => typeof each === "number")) return [key, null];
					return [key, this.#value(field, written[key], [...path, key], (value) => ({ [key]: value }))];
				}),
			);
		}
		return this.#value(field, written, path, (value) => value);
	}

	/** @param whole makes a value of the field of one of its values. */
	#value(field: DescField, written: unknown, path: Path, whole: (value: unknown) => unknown): unknown {
		const { message } = field;
		const ownJson = message && ownJsonOf(message);
		if (message && ownJson === undefined) return this.message(message, written, path);
		try {
			fromJson(field.parent, { [field.jsonName]: whole(written) as JsonValue });
			return written;
		} catch {
			return this.#wrong(path, `expected ${ownJson ?? expectedOf(field)}, not ${describe(written)}`);
		}
	}

	#any(written: unknown, path: Path): unknown {
		const url = isObject(written) ? written["@type"] : undefined;
		if (!isObject(written) || typeof url !== "string") {
			return this.#wrong(path, `expected a message with its "@type", not ${describe(written)}`);
		}
		const { "@type": _, ...rest } = written;
		const registry = descriptorRegistry();
		const message = messageOfUrl(registry, url);
		if (!message) {
			const known = [...registry].flatMap((type) => (type.kind === "message" ? [type.typeName] : []));
			const hint = didYouMean(typeNameOf(url), known);
			return this.#wrong([...path, "@type"], `the program knows no message ${describe(url)}${hint}`);
		}
		const type = { "@type": `type.googleapis.com/${message.typeName}` };
		const ownJson = message.typeName === ANY ? "another message" : ownJsonOf(message);
		if (ownJson === undefined) return { ...type, ...(this.message(message, rest, path) as object) };
		try {
			fromJson(message, rest.value as JsonValue, { registry });
			return { ...type, value: rest.value };
		} catch {
			return this.#wrong([...path, "value"], `expected ${ownJson}, not ${describe(rest.value)}`);
		}
	}

	#wrong(path: Path, message: string): undefined {
		this.findings.push({ path, at: "value", message });
	}

	#wrongKey(path: Path, message: string): void {
		this.findings.push({ path, at: "key", message });
	}
}

function unknownField({ fields, typeName }: DescMessage, key: string): string {
	const known = fields.map(({ jsonName }) => jsonName);
	return `${typeName} has no field ${describe(key)}${didYouMean(key, known)}`;
}

function expectedOf({ enum: words, scalar }: DescField): string {
	if (words) return `one of ${words.values.map(({ name }) => name).join(", ")}`;
	switch (scalar) {
		case ScalarType.BOOL:
			return "true or false";
		case ScalarType.STRING:
			return "a text";
		case ScalarType.BYTES:
			return "bytes in base64";
		case ScalarType.DOUBLE:
		case ScalarType.FLOAT:
			return "a number";
		case ScalarType.UINT32:
		case ScalarType.UINT64:
			return "a whole number from 0";
		default:
			return "a whole number";
	}
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
