import { create, type DescField, type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { descriptorRegistry } from "../../resources/overlay/descriptor-registry.js";

/** Messages of more bytes are taken apart: what is shorter is converted in a fraction of a millisecond. */
const SMALL = 8 * 1024;

const TYPE_PREFIX = "type.googleapis.com/";

/**
 * A resource in proto3 JSON, as a google.protobuf.Any with the fields of its message. Of a large one each piece is made when
 * it is reached, and takes a short time.
 * @throws Error for a type that is not served.
 */
export function* resourcePieces(typeUrl: string, value: Uint8Array): Generator<string> {
	const message = descriptorRegistry().getMessage(typeUrl.slice(TYPE_PREFIX.length));
	if (!message) throw new Error(`there is no message of the type ${typeUrl}`);
	yield* objectPieces(message, value, `"@type":${JSON.stringify(typeUrl)}`);
}

/** @param first members that stand before those of the message. */
function* objectPieces(message: DescMessage, bytes: Uint8Array, first = ""): Generator<string> {
	// The well-known types have a JSON of their own.
	if (bytes.byteLength <= SMALL || message.typeName.startsWith("google.protobuf.")) {
		yield joined(first, JSON.stringify(jsonOf(message, [bytes])));
		return;
	}
	const { lists, rest } = takenApart(message, bytes);
	const head = joined(first, JSON.stringify(jsonOf(message, rest)));
	yield head.slice(0, -1);
	let comma = head === "{}" ? "" : ",";
	for (const [field, items] of lists) {
		yield `${comma}${JSON.stringify(field.jsonName)}:[`;
		comma = "";
		for (const item of items) {
			yield comma;
			yield* objectPieces(field.message as DescMessage, item);
			comma = ",";
		}
		yield "]";
		comma = ",";
	}
	yield "}";
}

/** The elements of its lists of messages, each as it is encoded, and all other fields. */
function takenApart(message: DescMessage, bytes: Uint8Array) {
	const lists = new Map<DescField, Uint8Array[]>();
	const rest: Uint8Array[] = [];
	const isList = (field: DescField) => field.fieldKind === "list" && field.listKind === "message";
	const byNumber = new Map(message.fields.filter(isList).map((field) => [field.number, field]));
	const reader = new BinaryReader(bytes);
	while (reader.pos < reader.len) {
		const start = reader.pos;
		const [number, wireType] = reader.tag();
		const field = wireType === WireType.LengthDelimited ? byNumber.get(number) : undefined;
		if (!field) {
			reader.skip(wireType, number);
			rest.push(bytes.subarray(start, reader.pos));
			continue;
		}
		const items = lists.get(field) ?? [];
		items.push(reader.bytes());
		lists.set(field, items);
	}
	return { lists, rest };
}

/** @param parts of one encoded message. */
function jsonOf(message: DescMessage, parts: readonly Uint8Array[]) {
	const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
	const read = bytes.byteLength === 0 ? create(message) : fromBinary(message, bytes);
	return toJson(message, read, { registry: descriptorRegistry() });
}

function joined(members: string, object: string): string {
	if (members === "") return object;
	return object === "{}" ? `{${members}}` : `{${members},${object.slice(1)}`;
}
