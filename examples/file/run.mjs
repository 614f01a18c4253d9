// A file with a list of endpoints, and Fingerpost that follows it while it changes, breaks and is mended:
//   node examples/file/run.mjs
import { spawn } from "node:child_process";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), "fingerpost-example-"));
const file = join(folder, "web.yaml");
let told = 0;

await replace("- 127.0.0.1:8081\n");
const watch = spawn(
	process.execPath,
	[path("../../dist/main.js"), "watch", "--config", path("fingerpost.yaml"), `file://${file}`],
	{ stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ENDPOINTS_FOLDER: folder } },
);
// Endpoints on stdout, failures on stderr.
for (const input of [watch.stdout, watch.stderr]) {
	createInterface({ input }).on("line", (line) => {
		told++;
		console.log(line.replaceAll(folder, ""));
	});
}
await step("an endpoint that was there", () => {});
await step("another one, with half of the weight", () =>
	replace('- 127.0.0.1:8081\n- { address: "127.0.0.1:8082", weight: 50 }\n'),
);
await step("a mistake: the last list stays", () => replace("- 127.0.0.1:no-port\n"));
await step("mended, and the first one drains", () =>
	replace('- { address: "127.0.0.1:8081", health: draining }\n- 127.0.0.1:8082\n'),
);
await end();

/** By a rename, so that nobody reads half of it. */
async function replace(text) {
	await writeFile(`${file}.new`, text);
	await rename(`${file}.new`, file);
}

/** Changes something, and waits until Fingerpost has told of it. */
async function step(what, change) {
	console.log(`# ${what}`);
	const before = what === "an endpoint that was there" ? 0 : told;
	await change();
	for (let left = 600; left > 0; left--) {
		if (told > before) return;
		await sleep(50);
	}
	await end("waited 30 s in vain until Fingerpost tells of it");
}

async function end(problem) {
	if (problem) console.error(problem);
	watch.kill();
	await rm(folder, { recursive: true });
	process.exit(problem ? 1 : 0);
}
