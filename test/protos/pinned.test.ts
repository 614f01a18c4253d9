import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadSync, type PackageDefinition } from "@grpc/proto-loader";
import { expect, it } from "vitest";

const packaged = join(dirname(createRequire(import.meta.url).resolve("@grpc/grpc-js-xds/package.json")), "deps");
const pinned = "protos/pinned";
const MODULES = ["envoy-api", "googleapis", "protoc-gen-validate", "xds"];
const FILES = globSync("*/**/*.proto", { cwd: pinned }).map((path) => path.split("/").slice(1).join("/"));

/** A message's or an enum's descriptor, as far as it decides what the bytes mean. */
interface Descriptor {
	readonly field?: readonly {
		readonly name: string;
		readonly number: number;
		readonly type: string;
		readonly label: string;
	}[];
	readonly value?: readonly { readonly name: string; readonly number: number }[];
}

/** Each field and enum value of the file's package: `MESSAGE.FIELD` and what it is on the wire. */
function fieldsOf(file: string, folders: readonly string[]): ReadonlyMap<string, string> {
	const includeDirs = folders.flatMap((folder) => MODULES.map((name) => join(folder, name)));
	const protos: PackageDefinition = loadSync(file, { includeDirs });
	const fields = new Map<string, string>();
	const prefix = `${dirname(file).replaceAll("/", ".")}.`;
	for (const [name, definition] of Object.entries(protos)) {
		if (!name.startsWith(prefix) || !("type" in definition)) continue;
		const { field = [], value = [] } = definition.type as Descriptor;
		for (const each of field) fields.set(`${name}.${each.name}`, `${each.label} ${each.type} = ${each.number}`);
		for (const each of value) fields.set(`${name}.${each.name}`, `= ${each.number}`);
	}
	return fields;
}

it.each(FILES)("%s can be read, and says of each field what the package's file says", (file) => {
	const ours = fieldsOf(file, [pinned, packaged]);
	expect(ours.size).toBeGreaterThan(0);
	if (!MODULES.some((name) => existsSync(join(packaged, name, file)))) return;
	for (const [field, theirs] of fieldsOf(file, [packaged])) {
		// Of the rules, which nobody evaluates, only those are there that the protos use.
		if (file === "validate/validate.proto" && !ours.has(field)) continue;
		expect(`${field} ${ours.get(field)}`).toBe(`${field} ${theirs}`);
	}
});

it("UPSTREAM.md tells of each pinned file where it is from, and of no other", () => {
	const rows = readFileSync("protos/UPSTREAM.md", "utf8").matchAll(/^\| `([^`]+\.proto)`/gm);
	expect([...rows].map(([, path]) => path).sort()).toEqual([...FILES].sort());
});
