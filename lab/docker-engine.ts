import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";
import { Child } from "./child.js";
import { serverBinary } from "./server-binary.js";
import { waitUntil } from "./wait-until.js";

const run = promisify(execFile);

/** Of the image that tests make of this machine's Node. */
export const IMAGE = "fingerpost-test-node";

/**
 * A describe of tests with a real engine. It needs root and a kernel that lets containers run: elsewhere than in CI it is
 * asked for by FINGERPOST_TEST_DOCKER=1, and otherwise skipped, and the name says why.
 */
export function describeDocker(title: string, body: () => void): void {
	const isCi = process.env.CI === "true";
	if (!isCi && process.env.FINGERPOST_TEST_DOCKER !== "1") {
		describe.skip(`${title} (skipped: FINGERPOST_TEST_DOCKER=1 lets it start dockerd, as root)`, body);
	} else if (serverBinary("dockerd")) describe(title, body);
	else throw new Error("dockerd is missing: it is in the package docker.io");
}

/** A real engine with a socket of its own. Its containers have the host's network: it makes no bridge and no rules. */
export class DockerEngine implements AsyncDisposable {
	readonly #folder: string;
	#daemon: Child | undefined;

	private constructor(folder: string) {
		this.#folder = folder;
	}

	static async start(): Promise<DockerEngine> {
		const engine = new DockerEngine(await mkdtemp(join(tmpdir(), "fingerpost-docker-")));
		try {
			await engine.resume();
			await engine.#makeImage();
			return engine;
		} catch (error) {
			await engine[Symbol.asyncDispose]();
			throw error;
		}
	}

	get url(): string {
		return `unix://${join(this.#folder, "docker.sock")}`;
	}

	/** Starts it, or again with what it has. */
	async resume(): Promise<void> {
		const at = (name: string) => join(this.#folder, name);
		const daemon = new Child(serverBinary("dockerd") ?? "dockerd", [
			...["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--bridge=none", "--live-restore"],
			...["--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("pid"), "--host", this.url],
		]);
		this.#daemon = daemon;
		await waitUntil("the engine answers", async () => {
			if (daemon.exit) throw new Error(`the engine ended: ${daemon.tail}`);
			return (await this.docker("version")) !== "";
		});
	}

	/** The engine ends; its containers go on. By SIGTERM: what SIGKILL leaves behind keeps the next one from starting. */
	async stop(): Promise<void> {
		await this.#daemon?.kill("SIGTERM");
	}

	/** It stays but does not answer, until it is continued. */
	pause(): void {
		this.#daemon?.process.kill("SIGSTOP");
	}

	continue(): void {
		this.#daemon?.process.kill("SIGCONT");
	}

	/** What a command of `docker` prints. */
	async docker(...args: readonly string[]): Promise<string> {
		const { stdout } = await run("docker", ["--host", this.url, ...args], { timeout: 60_000 });
		return stdout.trim();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.continue();
		try {
			const all = (await this.docker("ps", "--all", "--quiet")).split("\n").filter((id) => id !== "");
			if (all.length > 0) await this.docker("rm", "--force", ...all);
		} finally {
			await this.#daemon?.kill("SIGTERM");
			// An engine whose containers may outlast it leaves its folder mounted.
			const mounts = (await readFile("/proc/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
			const own = mounts.filter((path) => path.startsWith(this.#folder)).toReversed();
			for (const path of own) await run("umount", ["--lazy", path]);
			await rm(this.#folder, { recursive: true, force: true });
		}
	}

	/** Node and a shell, which health checks are run by, with the libraries that they need. */
	async #makeImage(): Promise<void> {
		const root = join(this.#folder, "root");
		const { stdout } = await run("ldd", [process.execPath, "/bin/sh"]);
		for (const [, library = ""] of stdout.matchAll(/(\/\S+) \(0x/g)) {
			await mkdir(join(root, dirname(library)), { recursive: true });
			await cp(library, join(root, library), { dereference: true });
		}
		await mkdir(join(root, "bin"), { recursive: true });
		await mkdir(join(root, "tmp"));
		for (const [from, name] of [
			[process.execPath, "node"],
			["/bin/sh", "sh"],
		] as const) {
			await cp(from, join(root, "bin", name), { dereference: true });
			await chmod(join(root, "bin", name), 0o755);
		}
		await run("tar", ["-C", root, "-cf", join(this.#folder, "root.tar"), "."]);
		await this.docker("import", join(this.#folder, "root.tar"), IMAGE);
		await rm(root, { recursive: true });
		await rm(join(this.#folder, "root.tar"));
	}
}
