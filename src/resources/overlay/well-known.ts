import type { DescField, DescMessage, FileRegistry } from "@bufbuild/protobuf";

const PACKAGE = "google.protobuf.";

export const ANY = `${PACKAGE}Any`;

/** Messages whose JSON is not their fields, and what it is instead. */
const OWN_JSON: Readonly<Record<string, string>> = {
	Duration: 'a duration such as "1.5s"',
	Timestamp: 'a time such as "2026-01-31T12:00:00Z"',
	FieldMask: "names of fields",
	Struct: "keys with values",
	Value: "a value",
	ListValue: "a list",
	BoolValue: "true or false",
	BytesValue: "bytes in base64",
	DoubleValue: "a number",
	FloatValue: "a number",
	Int32Value: "a whole number",
	Int64Value: "a whole number",
	StringValue: "a text",
	UInt32Value: "a whole number from 0",
	UInt64Value: "a whole number from 0",
};

/** What is expected for a message with a JSON form of its own; undefined for others, and for an Any. */
export function ownJsonOf({ typeName }: DescMessage): string | undefined {
	return typeName.startsWith(PACKAGE) ? OWN_JSON[typeName.slice(PACKAGE.length)] : undefined;
}

/** The field of this name in JSON, or in the proto. */
export function fieldOf(message: DescMessage, name: string): DescField | undefined {
	return message.fields.find((field) => field.jsonName === name || field.name === name);
}

/** The message that an Any of this type URL has; undefined where the program has no such message. */
export function messageOfUrl(registry: FileRegistry, url: string): DescMessage | undefined {
	return registry.getMessage(typeNameOf(url));
}

export function typeNameOf(url: string): string {
	return url.slice(url.lastIndexOf("/") + 1);
}
