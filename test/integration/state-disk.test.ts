import { spawnSync } from "node:child_process";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Fingerpost } from "../../lab/fingerpost.js";
import { keptServices } from "../../lab/kept-services.js";
import { waitUntil } from "../../lab/wait-until.js";
import { XdsStream } from "../../lab/xds-client.js";
import { TYPE_URL } from "../../lab/xds-protos.js";
import { tempFolder } from "../util/temp-folder.js";

// The state directory is a file system of its own, of 1 MiB, that only the process sees.

const OWN_MOUNTS = ["unshare", "--mount"] as const;
const mayMount =
	spawnSync(OWN_MOUNTS[0], [...OWN_MOUNTS.slice(1), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
if (!mayMount) process.stdout.write("left out: a full disk, which root may mount where namespaces are allowed\n");

const CANNOT = /the state cannot be kept on disk/;
const CAN_AGAIN = "the state is kept on disk again";

interface Fault {
	readonly code: string;
	/** Shell commands on the directory `$1`. */
	readonly break: string;
	readonly heal: string;
}

const FAULTS: readonly Fault[] = [
	// A last block may be left by the first command.
	{
		code: "ENOSPC",
		break: 'cat /dev/zero > "$1/filler" 2>&-; cat /dev/zero > "$1/filler2" 2>&-; true',
		heal: 'rm "$1/filler" "$1/filler2"',
	},
	{ code: "EROFS", break: 'mount -o remount,ro "$1"', heal: 'mount -o remount,rw "$1"' },
];

/** A program with a disk of its own at that path. @param first commands on it before the program starts. */
function onOwnDisk(path: string, first = "true"): readonly string[] {
	const script = `mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" && { ${first}; } && shift && exec "$@"`;
	return [...OWN_MOUNTS, "sh", "-c", script, "sh", path];
}

/** Runs commands where the process sees its disk. */
function run(script: string, pid: number, path: string): void {
	const { status, stderr } = spawnSync("nsenter", ["-t", String(pid), "-m", "sh", "-c", script, "sh", path]);
	if (status !== 0) throw new Error(`${script}: ${stderr}`);
}

/** A client that wants the service, and waits for an endpoint with that port. */
function follow(server: Fingerpost) {
	const stream = new XdsStream({ port: server.xdsPort });
	stream.send({ type_url: TYPE_URL.eds, node: { id: "one" }, resource_names: ["web"] });
	return {
		has: (port: number) =>
			stream.next(`port ${port}`, (response) => JSON.stringify(response).includes(`"port_value":${port}`)),
		[Symbol.dispose]: () => stream[Symbol.dispose](),
	};
}

/** The port of the endpoints of the only service that is kept there; undefined where there is none. */
function keptPort(folder: string): number | undefined {
	return keptServices(folder)[0]?.targets[0]?.endpoints[0]?.port;
}

describe.skipIf(!mayMount).concurrent("a state directory on a disk that takes nothing", () => {
	for (const fault of FAULTS) {
		it(`${fault.code}: serving goes on, and what came meanwhile is kept when the disk takes it again`, async () => {
			await using folder = await tempFolder();
			const disk = folder.file("disk");
			await mkdir(disk);
			const settings = { state: { directory: disk }, services: { web: `file://${folder.file("web.yaml")}` } };
			// More than what is left in a block that a file has already.
			const hosts = Array.from({ length: 200 }, (_, i) => `127.0.0.${i + 1}`);
			const write = (port: number) =>
				writeFile(folder.file("web.yaml"), hosts.map((host) => `- ${host}:${port}\n`).join(""));
			await write(1);
			await using server = await Fingerpost.start(settings, { under: onOwnDisk(disk) });
			// The namespace of the process is seen from here by /proc.
			const seen = `/proc/${server.pid}/root${disk}`;
			using client = follow(server);
			await client.has(1);
			await waitUntil("it is kept", () => keptPort(seen) === 1);
			// Not this test's own file system.
			expect(await readdir(disk)).toEqual([]);

			// While a file is open for writing, no disk becomes read-only.
			await waitUntil("it is broken", () => {
				run(fault.break, server.pid, disk);
				return true;
			});
			await write(2);
			await client.has(2);
			const told = await server.waitForWarning(CANNOT);
			expect(told.text).toContain(fault.code);
			await write(3);
			await client.has(3);
			// What was there is as whole as it was.
			expect(keptPort(seen)).toBe(1);
			expect(await server.get("/healthz")).toContain("ok");
			expect(server.log.filter(({ text }) => CANNOT.test(text))).toHaveLength(1);

			// A start from what that disk has, while the source is away.
			const copy = folder.file("copy");
			await cp(seen, copy, { recursive: true, filter: (path) => !/\/(filler2?|lock)$/.test(path) });
			{
				await rm(folder.file("web.yaml"));
				const first = `cp -r "${copy}/." "$1"; ${fault.break}`;
				await using second = await Fingerpost.start(settings, { under: onOwnDisk(disk, first) });
				using other = follow(second);
				await other.has(1);
				expect((await second.waitForWarning(CANNOT)).text).toContain(fault.code);
				expect(await second.kill("SIGTERM")).toEqual({ code: 0, signal: null });
				await write(3);
			}

			run(fault.heal, server.pid, disk);
			await waitUntil("it is said", () => server.log.some(({ msg }) => msg === CAN_AGAIN));
			expect(keptPort(seen)).toBe(3);
			await write(4);
			await client.has(4);
			await waitUntil("it is kept at once", () => keptPort(seen) === 4);
			expect(await server.kill("SIGTERM")).toEqual({ code: 0, signal: null });
		});
	}
});
