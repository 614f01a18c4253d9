import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";

/** Files; what hangs is a pipe that nobody writes to. */
export const fileRow: FaultRow = {
	name: "file",
	type: "file",
	programs: ["mkfifo"],
	start: async () => new Files(await mkdtemp(join(tmpdir(), "fingerpost-faults-"))),
};

class Files implements FaultySources {
	readonly #folder: string;

	constructor(folder: string) {
		this.#folder = folder;
	}

	async source(name: string, fault: Fault): Promise<FaultySource> {
		return new FileSource(fault, join(this.#folder, name, "endpoints.json"));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.#folder, { recursive: true, force: true });
	}
}

class FileSource implements FaultySource {
	readonly settings = {};
	/** Nobody counts. */
	readonly asked = 0;
	readonly #fault: Fault;
	readonly #path: string;
	#content = "";
	#broken = false;

	constructor(fault: Fault, path: string) {
		this.#fault = fault;
		this.#path = path;
	}

	get target(): string {
		return `//${this.#path}`;
	}

	async set(addresses: readonly string[]): Promise<void> {
		this.#content = JSON.stringify(addresses);
		if (!this.#broken) await this.#write(this.#content);
	}

	async begin(): Promise<void> {
		const path = this.#path;
		this.#broken = true;
		switch (this.#fault) {
			case "empty":
				return this.#write("[]");
			case "blank":
				return this.#write("");
			case "half":
				return this.#write(this.#content.slice(0, this.#content.length / 2));
			case "garbage":
				return this.#write("<!doctype html><title>Sign in</title>");
			case "credentials revoked":
				return chmod(path, 0);
			case "comes back changed":
				return rm(dirname(path), { recursive: true });
		}
		await rm(path);
		if (this.#fault === "errors") await mkdir(path);
		if (this.#fault === "hangs") await promisify(execFile)("mkfifo", [path]);
	}

	async end(): Promise<void> {
		this.#broken = false;
		await rm(this.#path, { recursive: true, force: true });
		await this.#write(this.#content);
	}

	async [Symbol.asyncDispose](): Promise<void> {}

	async #write(content: string): Promise<void> {
		await mkdir(dirname(this.#path), { recursive: true });
		await writeFile(`${this.#path}.new`, content);
		await rename(`${this.#path}.new`, this.#path);
	}
}
