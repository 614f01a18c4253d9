import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "./envoy-binary.js";

const run = promisify(execFile);
const LIMITS = { timeout: 300_000, maxBuffer: 16 << 20 };

/**
 * A Node of this version, from the cache or from npm's packages of it; or why it cannot be had. Safe to call from several
 * processes at once: it comes into place by a rename. At most 5 minutes.
 */
export async function findNode(version: string): Promise<{ readonly path: string } | { readonly missing: string }> {
	const { platform, arch } = process;
	const folder = join(cacheFolder(), "node", version);
	const path = join(folder, "node");
	try {
		const isThere = await access(path).then(
			() => true,
			() => false,
		);
		if (isThere) return { path };
		await mkdir(folder, { recursive: true });
		const temporary = await mkdtemp(join(folder, "fetch-"));
		try {
			const name = `node-${platform === "darwin" && arch === "arm64" ? "bin-" : ""}${platform}-${arch}`;
			await run("npm", ["pack", "--silent", `${name}@${version}`], { ...LIMITS, cwd: temporary });
			const [archive = ""] = await readdir(temporary);
			await run("tar", ["-xzf", archive], { ...LIMITS, cwd: temporary });
			await rename(join(temporary, "package/bin/node"), path);
		} finally {
			await rm(temporary, { recursive: true, force: true });
		}
		return { path };
	} catch (reason) {
		const { stderr, message } = reason as { stderr?: string; message?: string };
		return { missing: `Node ${version} could not be fetched: ${stderr?.trim().split("\n").at(-1) || message}` };
	}
}
