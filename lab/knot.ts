import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";
import { Child } from "./child.js";
import { PATIENCE } from "./patience.js";
import { freePorts } from "./ports.js";
import { serverBinary } from "./server-binary.js";
import { waitUntil } from "./wait-until.js";

const run = promisify(execFile);

/** The zone that Knot has, and changes at run time. */
export const ZONE = "xds.test";
/** A zone that Knot is to have but cannot load: it answers SERVFAIL. */
export const BROKEN_ZONE = "broken.test";

/**
 * A describe of tests with a real Knot. Where it is not installed they are skipped, and the name says why; with CI=true
 * that is an error.
 */
export function describeKnot(title: string, body: () => void): void {
	const missing = ["knotd", "knotc"].filter((program) => !serverBinary(program));
	const reason = `${missing.join(" and ")} missing: apt-get install -y --no-install-recommends knot`;
	if (missing.length === 0) describe(title, body);
	else if (process.env.CI === "true") throw new Error(reason);
	else describe.skip(`${title} (skipped: ${reason})`, body);
}

/** Knot DNS on loopback, over IPv4 and IPv6, with a zone that starts with these records. */
export class Knot {
	readonly port: number;
	readonly #folder: string;
	#child: Child | undefined;

	private constructor(folder: string, port: number) {
		this.#folder = folder;
		this.port = port;
	}

	/** @param records lines of a zone file, relative to the zone: `web 2 A 127.0.0.1`. */
	static async start(...records: readonly string[]): Promise<Knot> {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-knot-"));
		const [port = 0] = await freePorts(1);
		const knot = new Knot(folder, port);
		for (const name of ["run", "db"]) await mkdir(join(folder, name));
		await writeFile(join(folder, "knot.conf"), knot.#config());
		await knot.resume(...records);
		return knot;
	}

	/** `127.0.0.1:PORT` */
	get address(): string {
		return `127.0.0.1:${this.port}`;
	}

	/** `[::1]:PORT` */
	get address6(): string {
		return `[::1]:${this.port}`;
	}

	/** Starts it, with these records and no others. */
	async resume(...records: readonly string[]): Promise<void> {
		const soa = `@ 1 SOA ns admin ${Math.floor(Date.now() / 1_000)} 60 30 600 1`;
		const zone = [`$ORIGIN ${ZONE}.`, soa, "@ 1 NS ns", "ns 1 A 127.0.0.1", ...records, ""];
		await writeFile(join(this.#folder, `${ZONE}.zone`), zone.join("\n"));
		const child = new Child(serverBinary("knotd") ?? "knotd", ["-c", join(this.#folder, "knot.conf")]);
		this.#child = child;
		await waitUntil("Knot has the zone", async () => {
			if (child.exit) throw new Error(`knotd ended: ${child.tail}`);
			return (await this.#control("zone-status", ZONE, "+serial")).includes("serial: ");
		});
	}

	/** Ends it: from then on the system refuses what is asked of its port. */
	async stop(): Promise<void> {
		await this.#child?.kill();
	}

	/** It stays but does not answer, until it is continued. */
	pause(): void {
		this.#child?.process.kill("SIGSTOP");
	}

	continue(): void {
		this.#child?.process.kill("SIGCONT");
	}

	/** One transaction: each line is `set NAME TTL TYPE DATA` (adds a record) or `unset NAME [TYPE [DATA]]`. */
	async change(...lines: readonly string[]): Promise<void> {
		await this.#control("zone-begin", ZONE);
		for (const line of lines) {
			const [verb, ...rest] = line.split(" ");
			await this.#control(`zone-${verb}`, ZONE, ...rest);
		}
		await this.#control("zone-commit", ZONE);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.continue();
		await this.#child?.kill("SIGKILL");
		await rm(this.#folder, { recursive: true, force: true });
	}

	async #control(...args: readonly string[]): Promise<string> {
		const socket = join(this.#folder, "run/knot.sock");
		const { stdout } = await run(serverBinary("knotc") ?? "knotc", ["-s", socket, ...args], { timeout: PATIENCE });
		return stdout;
	}

	#config(): string {
		const folder = this.#folder;
		return `server:
    rundir: ${folder}/run
    listen: [ 127.0.0.1@${this.port}, ::1@${this.port} ]
    udp-max-payload: 1232
    background-workers: 1
    udp-workers: 1
    tcp-workers: 1
control:
    listen: ${folder}/run/knot.sock
database:
    storage: ${folder}/db
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: ${folder}
    file: "%s.zone"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    serial-policy: increment
zone:
  - domain: ${ZONE}
  - domain: ${BROKEN_ZONE}
`;
	}
}
