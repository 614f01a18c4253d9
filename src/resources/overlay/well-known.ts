import type { DescField, DescMessage, FileRegistry } from "@bufbuild/protobuf";

export const ANY = "google.protobuf.Any";

/** Messages whose JSON is not their fields, and what it is instead. */
const OWN_JSON: Readonly<Record<string, string>> = {
	"google.protobuf.Duration": 'a duration such as "1.5s"',
	"google.protobuf.Timestamp": 'a time such as "2026-01-31T12:00:00Z"',
	"google.protobuf.FieldMask": "names of fields",
	"google.protobuf.Struct": "keys with values",
	"google.protobuf.Value": "a value",
	"google.protobuf.ListValue": "a list",
	"google.protobuf.BoolValue": "true or false",
	"google.protobuf.BytesValue": "bytes in base64",
	"google.protobuf.DoubleValue": "a number",
	"google.protobuf.FloatValue": "a number",
	"google.protobuf.Int32Value": "a whole number",
	"google.protobuf.Int64Value": "a whole number",
	"google.protobuf.StringValue": "a text",
	"google.protobuf.UInt32Value": "a whole number from 0",
	"google.protobuf.UInt64Value": "a whole number from 0",
};

/** What is expected for a message with a JSON form of its own; undefined for others, and for an Any. */
export function ownJsonOf({ typeName }: DescMessage): string | undefined {
	return OWN_JSON[typeName];
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
