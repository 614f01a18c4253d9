import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { TYPE_URL } from "../../lab/xds-protos.js";

const MIB = 1024 * 1024;

/** A field with a length, as its bytes. */
function field(number: number, content: Uint8Array | string): Uint8Array {
	const writer = new BinaryWriter().tag(number, WireType.LengthDelimited);
	return (typeof content === "string" ? writer.string(content) : writer.bytes(content)).finish();
}

function repeated(bytes: Uint8Array, total: number): Buffer {
	return Buffer.alloc(Math.floor(total / bytes.length) * bytes.length, bytes);
}

const EDS = field(2, TYPE_URL.eds);
const delta = (...parts: Uint8Array[]) => Buffer.concat([EDS, ...parts]);
const node = (content: Uint8Array) => delta(field(1, content), field(3, "web"));

/** Of a google.protobuf.Struct with so many fields. */
function struct(bytes: number): Buffer {
	const entry = field(1, Buffer.concat([field(1, "k"), field(2, Buffer.from([0x20, 1]))]));
	return repeated(entry, bytes);
}

function nested(depth: number): Uint8Array {
	let value: Uint8Array = Buffer.from([0x20, 1]);
	for (let i = 0; i < depth; i++) value = field(5, field(1, Buffer.concat([field(1, "k"), field(2, value)])));
	return field(3, field(1, Buffer.concat([field(1, "k"), field(2, value)])));
}

export function names(count: number, prefix = "nobody-"): string[] {
	return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** Delta requests that cost much to read, were they read as they are written. */
export const COSTLY: Readonly<Record<string, () => Buffer>> = {
	"a node with two million fields of metadata": () => node(field(3, struct(15 * MIB))),
	"a node with millions of extensions": () => node(repeated(field(9, ""), 15 * MIB)),
	"a node with millions of numbers": () => node(repeated(Buffer.from([0x28, 1]), 15 * MIB)),
	"a node with a build version of a million fields": () => node(field(8, field(2, struct(14 * MIB)))),
	"a node that nests 3,000 deep": () => node(nested(3_000)),
	"millions of nodes": () => delta(repeated(field(1, ""), 15 * MIB), field(3, "web")),
	"millions of errors": () => delta(repeated(field(7, ""), 15 * MIB), field(3, "web")),
	"an error with millions of details": () => delta(field(7, repeated(field(3, ""), 15 * MIB)), field(3, "web")),
	"an error with 15 MiB of text": () => delta(field(7, field(2, Buffer.alloc(15 * MIB, "web "))), field(3, "web")),
	"millions of unknown numbers": () => delta(repeated(Buffer.from([0x78, 1]), 15 * MIB), field(3, "web")),
	"millions of unknown messages": () => delta(repeated(field(15, ""), 15 * MIB), field(3, "web")),
	"millions of groups": () => delta(repeated(Buffer.from([0x7b, 0x7c]), 15 * MIB), field(3, "web")),
	"a group of millions of fields": () =>
		delta(Buffer.from([0x7b]), repeated(Buffer.from([0x08, 1]), 15 * MIB), Buffer.from([0x7c])),
	"groups within groups": () => delta(repeated(Buffer.from([0x7b]), 15 * MIB)),
	"millions of empty initial versions": () => delta(repeated(field(5, ""), 15 * MIB)),
	"a version with millions of fields": () => delta(field(5, repeated(field(3, ""), 15 * MIB)), field(3, "web")),
	"millions of empty names": () => delta(repeated(field(3, ""), 15 * MIB)),
	"millions of names given up": () => delta(repeated(field(4, ""), 15 * MIB)),
	"millions of types": () => delta(repeated(EDS, 15 * MIB), field(3, "web")),
};

const eachName = (count: number, number: number, prefix?: string) =>
	names(count, prefix).map((name) => field(number, name));

/** A delta request for so many names. */
export function subscribe(count: number, prefix?: string): Buffer {
	return Buffer.concat([EDS, ...eachName(count, 3, prefix)]);
}

/** A delta request that gives up so many names, and asks for another. */
export function unsubscribe(count: number, prefix?: string): Buffer {
	return Buffer.concat([EDS, field(3, "web"), ...eachName(count, 4, prefix)]);
}

/** A SotW request for so many names, and `web`. @param version what a client brings along that comes back. */
export function sotw(url: string, count: number, prefix?: string, version = ""): Buffer {
	return Buffer.concat([field(1, version), field(4, url), field(3, "web"), ...eachName(count, 3, prefix)]);
}

/** A SotW request of a gRPC server that listens on so many ports, up to 65,000. */
export function listeningOn(count: number): Buffer {
	const node = field(2, Buffer.concat([field(1, "n"), field(6, "gRPC Go")]));
	return Buffer.concat([node, sotw(TYPE_URL.lds, count, "grpc/server?xds.resource.listening_address=[::1]:")]);
}

/** Names with another field between each of them. */
export function scattered(count: number): Buffer {
	const between = field(6, "");
	return Buffer.concat([EDS, ...names(count).flatMap((name) => [field(3, name), between])]);
}

/** What a client brings along that comes back. */
export function reconnect(count: number, prefix: string): Buffer {
	const all = names(count, prefix);
	const versions = all.map((name) => field(5, Buffer.concat([field(1, name), field(2, "0123456789abcdef")])));
	return Buffer.concat([EDS, ...all.map((name) => field(3, name)), ...versions]);
}
