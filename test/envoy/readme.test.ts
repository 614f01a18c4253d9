import { execFile, execFileSync } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { Child } from "../../lab/child.js";
import { findNode } from "../../lab/old-node.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

interface Command {
	readonly line: string;
	/** What README shows of its output. */
	readonly shown: readonly string[];
}

/** The commands of "Try it": the one that installs and starts it, and those for another terminal. */
async function readmeCommands(): Promise<{ first: string; rest: readonly Command[] }> {
	const page = await readFile(join(ROOT, "README.md"), "utf8");
	const section = /^## Try it\n(.*?)^## /ms.exec(page)?.[1] ?? "";
	const rest: { line: string; shown: string[] }[] = [];
	let first = "";
	let isShown = false;
	for (const text of section.split("\n")) {
		const [, prompt, line = ""] = /^ {4}(\$ )?(.*)$/.exec(text) ?? [];
		if (text === "") continue;
		if (prompt) rest.push({ line, shown: [] });
		else if (line !== "" && first === "") first = line;
		else if (line !== "" && isShown) rest.at(-1)?.shown.push(line);
		isShown = line !== "" && rest.length > 0;
	}
	return { first, rest };
}

/** What a fresh clone would be, with what is not committed yet. */
async function freshClone(folder: string): Promise<void> {
	const { stdout } = await run("git", ["ls-files", "-z", "-c", "-o", "--exclude-standard"], { cwd: ROOT });
	for (const name of new Set(stdout.split("\0").filter((each) => each !== ""))) {
		await mkdir(dirname(join(folder, name)), { recursive: true });
		// A file that was deleted and not committed is still listed.
		await cp(join(ROOT, name), join(folder, name)).catch((reason: NodeJS.ErrnoException) => {
			if (reason.code !== "ENOENT") throw reason;
		});
	}
}

/** A user's environment, with this Node: nothing of this project's own programs or settings. */
function environment(node: string): NodeJS.ProcessEnv {
	const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(ROOT));
	const own = Object.entries(process.env).filter(
		([name]) => !/^(npm_|FINGERPOST_(?!CACHE)|NODE_(?!EXTRA_CA_CERTS)|VITEST|INIT_CWD)/.test(name),
	);
	return { ...Object.fromEntries(own), PATH: [dirname(node), ...path].join(delimiter), CI: "" };
}

/** The ports of README are fixed: the commands get a network of their own where the system lets them have one. */
function ownNetwork(): readonly string[] {
	const unshare = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
	try {
		execFileSync(unshare[0] as string, [...unshare.slice(1), "true"], { stdio: "ignore" });
		return unshare;
	} catch {
		return [];
	}
}

const LOOPBACK_UP = `python3 -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 0x41))'`;

const envoy = inject("envoys")["1.40.0"];
const NODES = ["20.20.2", "22.23.5", "24.21.0", "26.12.1"];
const nodes = await Promise.all(NODES.map(async (version) => ({ version, ...(await findNode(version)) })));

describe.each(nodes)("README.md, where Node $version is installed", (node) => {
	const reason = [envoy, node].find((each) => "missing" in each)?.missing;
	it.skipIf(reason !== undefined)(
		`leads${reason === undefined ? "" : ` (skipped: ${reason})`} from a fresh clone to answers that alternate, by its own lines only`,
		async () => {
			const { first, rest } = await readmeCommands();
			expect(first).toBe("npm ci && npm start");
			await using folder = await tempFolder();
			await freshClone(folder.path);
			const [install = "", start = ""] = first.split(" && ");
			const options = { cwd: folder.path, env: environment((node as { path: string }).path) };
			const began = performance.now();
			const installed = await run("sh", ["-c", install], { ...options, maxBuffer: 16 << 20 });
			expect(installed.stderr, "npm warns of nothing").toBe("");

			const network = ownNetwork();
			const script = [
				...(network.length > 0 ? [LOOPBACK_UP] : []),
				`${start} > start.log 2>&1 &`,
				"until grep -q ' ready ' start.log; do kill -0 $! || exit 1; sleep 0.1; done",
				// A proxy that answers has all services; whoever types is slower than it.
				...rest.flatMap(({ line }, i) => [`echo '@@ ${i}'`, line]),
				"echo '@@ end'",
				"kill $(jobs -p); wait",
			];
			await writeFile(folder.file("readme.sh"), script.join("\n"));
			await using shell = new Child(...shellOf(network), { ...options, detached: true });
			try {
				await waitUntil("all commands have run", () => shell.stdout.includes("@@ end") || shell.exit !== undefined, {
					timeout: 240_000,
				});
			} finally {
				endGroup(shell.pid);
			}
			const log = await readFile(folder.file("start.log"), "utf8");
			expect(shell.stdout.at(-1), `${shell.tail}\n${log}`).toBe("@@ end");
			const outputs = shell.stdout
				.join("\n")
				.split(/@@ \w+\n?/)
				.map((text) => text.split("\n").filter((line) => line !== ""));
			const outputOf = (pattern: RegExp) => {
				const i = rest.findIndex(({ line }) => pattern.test(line));
				return { shown: rest[i]?.shown ?? [], output: outputs[i + 1] ?? [] };
			};
			const curl = outputOf(/^curl /);
			expect(curl.output.toSorted()).toEqual(curl.shown.toSorted());
			expect(new Set(curl.output).size).toBe(3);
			const services = outputOf(/ services$/);
			expect(services.output).toEqual(services.shown);
			const grpc = outputOf(/examples\/grpc-js/);
			expect([grpc.output.length, [...new Set(grpc.output)].sort()]).toEqual([10, ["8081", "8082"]]);
			const status = outputOf(/ status$/);
			expect(status.output[0]).toBe(status.shown[0]?.replace(/^NODE +/, status.output[0]?.match(/^NODE +/)?.[0] ?? ""));
			console.log(`from the clone to the end in ${Math.round((performance.now() - began) / 1_000)} s`);
		},
	);
});

function shellOf(network: readonly string[]): [string, string[]] {
	const [command = "", ...args] = [...network, "bash", "readme.sh"];
	return [command, args];
}

/** The shell and all that it started. */
function endGroup(pid: number): void {
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// It has ended.
	}
}
