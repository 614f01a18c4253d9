import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { EncodedResource } from "../../../../src/resources/encoded-resource.js";
import type { ResourceType } from "../../../../src/resources/resource-type.js";

/** What an empty assignment is called. */
export const EMPTY = "empty";

/** The name is field 1 of every type; the content stands where no type has a field. */
const NAME = 1;
const CONTENT = 1000;
const PADDING = 1001;

/** A resource of that name. @param content any text; `empty` is the empty assignment, and `2MB` is that large. */
export function resourceOf(type: ResourceType, name: string, content: string): EncodedResource {
	return new EncodedResource(type.url, name, encodeContent(type, name, content));
}

function encodeContent(type: ResourceType, name: string, content: string): Uint8Array {
	if (content === EMPTY) {
		if (!type.placeholder) throw new Error(`nothing is empty among ${type.id}`);
		return type.placeholder(name);
	}
	const writer = new BinaryWriter().tag(NAME, WireType.LengthDelimited).string(name);
	writer.tag(CONTENT, WireType.LengthDelimited).string(content);
	const size = /^([\d.]+)MB$/.exec(content)?.[1];
	if (size) writer.tag(PADDING, WireType.LengthDelimited).bytes(new Uint8Array(Number(size) * 1024 * 1024));
	return writer.finish();
}

/** The name and the content of an encoded resource. */
export function readContent(value: Uint8Array): { readonly name: string; readonly content: string } {
	const reader = new BinaryReader(value);
	let name = "";
	let content = EMPTY;
	while (reader.pos < reader.len) {
		const [field, wireType] = reader.tag();
		if (field === NAME) name = reader.string();
		else if (field === CONTENT) content = reader.string();
		else reader.skip(wireType, field);
	}
	return { name, content };
}
