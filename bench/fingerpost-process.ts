import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "../lab/child.js";
import { waitUntil } from "../lab/wait-until.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

export interface FingerpostOptions {
	/** A folder for the server's CPU profile; none unless given. */
	readonly profiles?: string | undefined;
}

/** The built program on ports that the system picks, with a config in a folder of its own. */
export class FingerpostProcess implements AsyncDisposable {
	readonly folder: string;
	readonly child: Child;
	readonly xdsPort: number;
	readonly adminPort: number;
	/** When its process was started, in `performance.now()`. */
	readonly startedAt: number;
	/** Milliseconds from the start of the process to the ready line. */
	readonly startMs: number;

	private constructor(folder: string, child: Child, ports: readonly [number, number], startedAt: number) {
		this.folder = folder;
		this.child = child;
		[this.xdsPort, this.adminPort] = ports;
		this.startedAt = startedAt;
		this.startMs = performance.now() - startedAt;
	}

	/** @param files by their names; `fingerpost.yaml` is the config, in which FOLDER stands for where the files are. */
	static async start(
		files: Readonly<Record<string, string>>,
		{ profiles }: FingerpostOptions = {},
	): Promise<FingerpostProcess> {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-bench-"));
		for (const [name, text] of Object.entries(files)) {
			await writeFile(join(folder, name), text.replaceAll("FOLDER", folder));
		}
		const profiling = profiles ? ["--cpu-prof", "--cpu-prof-dir", profiles] : [];
		const listen = ["--xds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
		const begin = performance.now();
		const child = new Child(process.execPath, [
			...profiling,
			MAIN,
			"serve",
			"--config",
			join(folder, "fingerpost.yaml"),
			...listen,
		]);
		try {
			const [, xds, admin] = await waitUntil(
				"Fingerpost is ready",
				() => {
					if (child.exit) return ["it ended"];
					return / ready xds=127\.0\.0\.1:(\d+) admin=127\.0\.0\.1:(\d+) /.exec(child.stdout.join("\n"));
				},
				{ interval: 1, timeout: 20_000 },
			);
			if (!xds) throw new Error("it ended");
			return new FingerpostProcess(folder, child, [Number(xds), Number(admin)], begin);
		} catch (reason) {
			await child.kill("SIGKILL");
			await rm(folder, { recursive: true, force: true });
			throw new Error(`Fingerpost did not start: ${String(reason)}\n${child.tail}`, { cause: reason });
		}
	}

	/**
	 * Replaces a file by an atomic rename.
	 * @returns when the rename was made, in `performance.now()`.
	 */
	async replace(name: string, text: string): Promise<number> {
		const temporary = join(this.folder, `.${name}.new`);
		await writeFile(temporary, text.replaceAll("FOLDER", this.folder));
		const at = performance.now();
		await rename(temporary, join(this.folder, name));
		return at;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.child.kill("SIGTERM");
		await rm(this.folder, { recursive: true, force: true });
	}
}
