import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { Child } from "../../lab/child.js";
import { freePorts } from "../../lab/ports.js";
import { describeServers } from "../../lab/server-binary.js";
import { waitUntil } from "../../lab/wait-until.js";
import { tempFolder } from "../util/temp-folder.js";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const SINGLE = join(ROOT, "dist-single/fingerpost.mjs");
const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));

beforeAll(async () => {
	// Not `npm run single-file`, which would build dist anew under the other tests.
	await run(process.execPath, ["--import", "./lab/ts-hook.mjs", "lab/release/single-file.ts"], { cwd: ROOT });
});

/** Serves a config with each kind of what the program reads beside its modules, and gives its services. */
async function served(command: string, args: readonly string[], config: string, folder: string) {
	const [xds, admin] = (await freePorts(2)) as [number, number];
	const listen = ["--xds-listen", `127.0.0.1:${xds}`, "--admin-listen", `127.0.0.1:${admin}`];
	const env = { ...process.env, FINGERPOST_NODE: process.execPath };
	await using child = new Child(command, [...args, "serve", "--config", config, ...listen], { cwd: folder, env });
	await waitUntil("it is ready", () => {
		if (child.exit) throw new Error(`it ended: ${child.tail}`);
		return child.stdout.some((line) => line.startsWith(`fingerpost ${version} ready`));
	});
	const answer = async (path: string) => (await fetch(`http://127.0.0.1:${admin}${path}`)).json() as Promise<never>;
	const { services } = await waitUntil("the file was read", async () => {
		const { services } = (await answer("/api/v1/services")) as { services: readonly { name: string; state: string }[] };
		return services.some(({ state }) => state === "synced") && { services };
	});
	return services;
}

describe("the single file", () => {
	it("runs where nothing else of the project is", async () => {
		await using folder = await tempFolder();
		await copyFile(SINGLE, folder.file("fingerpost.mjs"));
		// As long as what a thread of its own reads.
		const list = Array.from({ length: 5_000 }, (_, index) => `- 127.0.0.1:${index + 1}\n`);
		await writeFile(folder.file("list.yaml"), list.join(""));
		const services = { batch: `file://${folder.file("list.yaml")}`, keys: "etcd:///services/x/", pods: "k8s:///a/b" };
		const kubernetes = { server: "http://127.0.0.1:9", token: "none", insecure: true };
		const providers = { etcd: { endpoints: ["http://127.0.0.1:9"] }, kubernetes };
		await writeFile(folder.file("fingerpost.yaml"), JSON.stringify({ providers, services, syncDeadline: "1s" }));
		const found = await served(
			process.execPath,
			[folder.file("fingerpost.mjs")],
			folder.file("fingerpost.yaml"),
			folder.path,
		);
		expect(found).toMatchObject([{ name: "batch", state: "synced" }, { name: "keys" }, { name: "pods" }]);
	});
});

describeServers(["dpkg-deb"], "the Debian package", () => {
	it("installs into a root, and what it installs runs, with a unit that systemd takes", async () => {
		await using folder = await tempFolder();
		const { stdout } = await run("bash", ["lab/release/deb.sh"], { cwd: ROOT });
		const root = folder.file("root");
		await mkdir(root);
		await run("dpkg-deb", ["--extract", join(ROOT, stdout.trim()), root]);
		const { stdout: control } = await run("dpkg-deb", ["--field", join(ROOT, stdout.trim())]);
		expect(control).toContain(`Version: ${version}`);
		for (const path of ["lib/systemd/system/fingerpost.service", "share/doc/fingerpost/docs/install.md"])
			expect(existsSync(join(root, "usr", path)), path).toBe(true);
		await writeFile(folder.file("list.yaml"), "- 127.0.0.1:8081\n");
		const config = JSON.stringify({ services: { batch: `file://${folder.file("list.yaml")}` } });
		await writeFile(folder.file("fingerpost.yaml"), config);
		const program = join(root, "usr/bin/fingerpost");
		const env = { ...process.env, FINGERPOST_NODE: process.execPath };
		expect((await run(program, ["validate", join(root, "etc/fingerpost/fingerpost.yaml")], { env })).stdout).toContain(
			"is valid",
		);
		expect(await served(program, [], folder.file("fingerpost.yaml"), folder.path)).toMatchObject([{ name: "batch" }]);
	});
});

describeServers(["systemd-analyze"], "the unit of systemd", () => {
	it("is one that systemd takes, and exposes little", async () => {
		await using folder = await tempFolder();
		const text = await readFile(join(ROOT, "deploy/systemd/fingerpost.service"), "utf8");
		// The program is not installed where the tests run.
		const unit = folder.file("fingerpost.service");
		await writeFile(unit, text.replaceAll("/usr/bin/fingerpost", SINGLE));
		const { stderr } = await run("systemd-analyze", ["verify", unit]);
		expect(stderr).not.toContain("fingerpost.service");
		const { stdout } = await run("systemd-analyze", ["security", "--offline=true", unit]);
		expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2.5);
		await writeFile(unit, `${text.replaceAll("/usr/bin/fingerpost", SINGLE)}\n[Service]\nProtectSystem=perhaps\n`);
		expect((await run("systemd-analyze", ["verify", unit])).stderr).toContain("perhaps");
	});
});
