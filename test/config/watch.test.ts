import { rename, unlink, writeFile } from "node:fs/promises";
import { expect, it, vi } from "vitest";
import { PATIENCE } from "../../lab/patience.js";
import type { Config } from "../../src/config/config.js";
import { loadConfig } from "../../src/config/load.js";
import { watchConfig } from "../../src/config/watch.js";
import { Registry } from "../../src/providers/registry.js";
import { abortable, tempFolder } from "../util/temp-folder.js";

const registry = new Registry();
const options = { registry, env: {}, poll: 3_600_000 };

function watched(path: string, signal: AbortSignal, known?: Config) {
	const told: string[] = [];
	watchConfig(
		path,
		{
			changed: ({ services }) => told.push([...services.keys()].join(",")),
			failed: (error) => told.push(`!${error.problems.map((p) => p.message).join(",")}`),
		},
		{ ...options, signal, known },
	);
	return {
		told,
		until: (last: string | RegExp) =>
			vi.waitFor(() => expect(told.at(-1)).toEqual(typeof last === "string" ? last : expect.stringMatching(last)), {
				timeout: PATIENCE,
				interval: 20,
			}),
	};
}

it("tells each new text once: a valid config or what is wrong with it", async () => {
	await using folder = await tempFolder();
	using owner = abortable();
	const path = folder.file("c.yaml");
	const put = async (text: string) => {
		await writeFile(folder.file("new"), text);
		await rename(folder.file("new"), path);
	};
	await put("services: {a: 1.2.3.4:5}");
	const { told, until } = watched(path, owner.signal, await loadConfig(path, options));
	await put("services: {a: 1.2.3.4:5, b: 1.2.3.4:5}");
	await until("a,b");
	await put("services: {a: 1.2.3.4:0}");
	await until(/^!.*the port must be/);
	await put("");
	await until("!the file is empty");
	await unlink(path);
	await until("!does not exist");
	await put("services: {c: 1.2.3.4:5}");
	await until("c");
	expect(told).toHaveLength(5);
});

it("tells the first text too where no config is known", async () => {
	await using folder = await tempFolder();
	using owner = abortable();
	await writeFile(folder.file("c.yaml"), "services: {a: 1.2.3.4:5}");
	await watched(folder.file("c.yaml"), owner.signal).until("a");
});
