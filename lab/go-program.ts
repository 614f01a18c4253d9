import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "./envoy-binary.js";

const run = promisify(execFile);

/** Where the program is, or why it cannot be had. */
export type FoundProgram = { readonly path: string } | { readonly missing: string };

/** The folder of each, from the project's own on, and the package in it. */
const PROGRAMS = {
	adsc: { folder: "lab/clients/adsc", what: "." },
	"go-control-plane": { folder: "lab/clients/go-control-plane", what: "." },
	"go-server": { folder: "lab/clients/go-server", what: "." },
	grpcurl: { folder: "lab/clients/grpcurl", what: "github.com/fullstorydev/grpcurl/cmd/grpcurl" },
	peers: { folder: "bench/peers", what: "." },
} as const;

/**
 * Finds a Go program in the cache, or builds it with the versions and checksums that stand in its folder.
 * Safe to call from several processes at once: the finished program comes into place by a rename. At most 10 minutes.
 */
export async function goProgram(name: keyof typeof PROGRAMS): Promise<FoundProgram> {
	const { folder, what } = PROGRAMS[name];
	const sources = join(import.meta.dirname, "..", folder);
	try {
		const place = join(cacheFolder(), "clients", `${name}-${await keyOf(sources)}`);
		const path = join(place, name);
		if (await exists(path)) return { path };
		await mkdir(dirname(place), { recursive: true });
		const temporary = await mkdtemp(`${place}-making-`);
		try {
			const options = ["-trimpath", "-ldflags=-s -w", "-mod=readonly", "-o", join(temporary, name)];
			await run("go", ["build", ...options, what], { cwd: sources, timeout: 600_000, maxBuffer: 16 << 20 });
			await rename(temporary, place).catch(async (reason: unknown) => {
				// Another process was faster.
				if (!(await exists(path))) throw reason;
			});
		} finally {
			await rm(temporary, { recursive: true, force: true });
		}
		return { path };
	} catch (reason) {
		const { stderr, message } = reason as { stderr?: string; message?: string };
		return { missing: `${name} could not be built with Go: ${stderr?.trim().split("\n").at(-1) || message}` };
	}
}

async function keyOf(sources: string): Promise<string> {
	const hash = createHash("sha256").update(process.arch);
	for (const name of (await readdir(sources)).sort())
		hash.update(`\n${name}\n`).update(await readFile(join(sources, name)));
	return hash.digest("hex").slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
