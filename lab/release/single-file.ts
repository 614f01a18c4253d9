// Makes dist-single/fingerpost.mjs: the built program with all that it needs, in one file that a Node runs.
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs";
import { rolldown } from "rolldown";

const ROOT = join(import.meta.dirname, "../..");
const OUT = join(ROOT, "dist-single");

/** What a module asks a file beside it for, and what stands there in the single file. */
interface Replacement {
	readonly module: string;
	readonly text: string;
	readonly by: string;
}

async function bundled(entry: string, replacements: readonly Replacement[]): Promise<string> {
	const missing = new Set(replacements);
	const bundle = await rolldown({
		input: join(ROOT, "dist", entry),
		platform: "node",
		logLevel: "silent",
		// An optional part of the WebSocket library, which goes without.
		external: ["bufferutil", "utf-8-validate"],
		plugins: [
			{
				name: "files-beside",
				transform(code, id) {
					let changed = code;
					for (const each of replacements) {
						if (!id.endsWith(`/dist/${each.module}`) || !changed.includes(each.text)) continue;
						changed = changed.replace(each.text, () => each.by);
						missing.delete(each);
					}
					return changed === code ? null : { code: changed, map: null };
				},
			},
		],
	});
	const { output } = await bundle.generate({ format: "esm", minify: "dce-only", codeSplitting: false });
	await bundle.close();
	const [first] = output;
	if (missing.size > 0) throw new Error(`not found any more: ${[...missing].map(({ module }) => module).join(", ")}`);
	if (output.length !== 1) throw new Error(`${output.length} files instead of one`);
	return first.code;
}

/** The replacements for what the program reads beside its modules. */
async function replacements(): Promise<readonly Replacement[]> {
	const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { version: string };
	const proto = await readFile(join(ROOT, "src/providers/etcd/client/etcd.proto"), "utf8");
	const schema = JSON.stringify(protobuf.parse(proto, { keepCase: false }).root.toJSON());
	const worker = await bundled("input/text/reading-worker.js", []);
	const url = `data:text/javascript;base64,${Buffer.from(worker).toString("base64")}`;
	return [
		{
			module: "util/version.js",
			text: 'JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version',
			by: JSON.stringify(version),
		},
		{
			module: "providers/etcd/client/etcd-calls.js",
			text: "const { load }",
			by: "const { fromJSON }",
		},
		{
			module: "providers/etcd/client/etcd-calls.js",
			text: 'fileURLToPath(new URL("etcd.proto", import.meta.url))',
			by: schema,
		},
		{ module: "providers/etcd/client/etcd-calls.js", text: "await load(schema,", by: "fromJSON(schema," },
		{
			module: "providers/kubernetes/access/client-library.js",
			text: "module.findPackageJSON(name, import.meta.url);",
			by: "",
		},
		{
			module: "input/text/text-reader.js",
			text: 'new URL("./reading-worker.js", import.meta.url)',
			by: `new URL(${JSON.stringify(url)})`,
		},
	];
}

const code = await bundled("main.js", await replacements());
await mkdir(OUT, { recursive: true });
const path = join(OUT, "fingerpost.mjs");
await writeFile(`${path}.new`, code.startsWith("#!") ? code : `#!/usr/bin/env node\n${code}`);
await chmod(`${path}.new`, 0o755);
await rename(`${path}.new`, path);
console.log(`${path}: ${(code.length / 1e6).toFixed(1)} MB`);
