import {
	create,
	type DescField,
	type DescMessage,
	fromBinary,
	fromJson,
	type JsonValue,
	toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { MessageJson, Overlay } from "../../model/policies/policies.js";
import { descriptorRegistry } from "./descriptor-registry.js";
import { overlaidMessage } from "./overlaid.js";
import { ANY, messageOfUrl, ownJsonOf } from "./well-known.js";

/** What came out for equal bytes: most services that have an overlay have the same one, and little else. */
const MERGED = new WeakMap<MessageJson, Map<string, Uint8Array>>();

/** So many results of an overlay are kept. */
const MAX_KEPT = 256;

/**
 * A part of an overlay merged into an encoded message: a field that it gives replaces that of the message, lists too;
 * messages are merged, and so are entries of maps and what stands in an Any of the same type. `null` takes a field away.
 * @param bytes the same bytes where the overlay cannot be used: it was written for another version of the program.
 */
export function mergeOverlay(part: keyof Overlay, overlay: MessageJson, bytes: Uint8Array): Uint8Array {
	const known = MERGED.get(overlay) ?? new Map<string, Uint8Array>();
	MERGED.set(overlay, known);
	const key = Buffer.from(bytes).toString("latin1");
	const found = known.get(key);
	if (found) return found;
	const merged = merge(overlaidMessage(part), overlay, bytes);
	if (known.size >= MAX_KEPT) known.clear();
	known.set(key, merged);
	return merged;
}

function merge(of: DescMessage, overlay: MessageJson, bytes: Uint8Array): Uint8Array {
	try {
		const message = fromBinary(of, bytes);
		mergeInto(reflect(of, message), overlay);
		return toBinary(of, message);
	} catch {
		return bytes;
	}
}

function mergeInto(target: ReflectMessage, overlay: MessageJson): void {
	for (const [name, json] of Object.entries(overlay)) {
		const field = target.desc.fields.find(({ jsonName }) => jsonName === name);
		if (!field) throw new TypeError("unknown field");
		if (json === null) target.clear(field);
		else if (field.fieldKind === "map") mergeMap(target, field, json as MessageJson);
		else if (field.fieldKind === "message" && ownJsonOf(field.message) === undefined) {
			target.set(field, merged(target.get(field), json as MessageJson));
		} else target.set(field, fieldAlone(field, json).get(field));
	}
}

function mergeMap(target: ReflectMessage, field: DescField & { fieldKind: "map" }, json: MessageJson): void {
	const map = target.get(field);
	for (const [key, value] of Object.entries(json)) {
		if (value === null) map.delete(key);
		else if (field.mapKind === "message" && ownJsonOf(field.message) === undefined) {
			const before = (map.get(key) as ReflectMessage | undefined) ?? reflect(field.message);
			map.set(key, merged(before, value as MessageJson));
		} else
			map.set(
				key,
				fieldAlone(field, { [key]: value })
					.get(field)
					.get(key),
			);
	}
}

/** What stands in the message, and what the overlay says of it. */
function merged(before: ReflectMessage, json: MessageJson): ReflectMessage {
	if (before.desc.typeName !== ANY) {
		mergeInto(before, json);
		return before;
	}
	const registry = descriptorRegistry();
	const { "@type": url, ...rest } = json;
	const of = messageOfUrl(registry, String(url));
	const any = before.message as Any;
	if (!of || of.typeName === ANY || ownJsonOf(of) !== undefined) {
		return reflect(before.desc, fromJson(before.desc, json as JsonValue, { registry }));
	}
	const inner = anyUnpack(any, of) ?? create(of);
	mergeInto(reflect(of, inner), rest);
	any.typeUrl = String(url);
	any.value = toBinary(of, inner);
	return before;
}

/** A message with this field alone. */
function fieldAlone(field: DescField, json: unknown): ReflectMessage {
	const registry = descriptorRegistry();
	return reflect(field.parent, fromJson(field.parent, { [field.jsonName]: json as JsonValue }, { registry }));
}
