import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ClientStatus } from "../src/server/protocol/client-status.js";
import { Child, type Exit } from "./child.js";
import { PATIENCE } from "./patience.js";
import { freePorts } from "./ports.js";
import { waitUntil } from "./wait-until.js";

const MAIN = join(dirname(fileURLToPath(import.meta.url)), "../dist/main.js");

/** What the config says of a service, as in design.md. */
export type ServiceConfig = string | { readonly [key: string]: unknown };

/** The config without the addresses, which the harness gives on the command line. */
export interface Config {
	/** Settings of the xDS server but its address. */
	readonly xds?: object;
	/** Settings of the admin server but its address. */
	readonly admin?: object;
	readonly removalGrace?: string;
	readonly syncDeadline?: string;
	readonly state?: { readonly directory: string };
	readonly guard?: object | "off";
	readonly onFailure?: object | string;
	readonly providers?: Readonly<Record<string, object>>;
	readonly discover?: readonly (string | object)[];
	readonly defaults?: object;
	readonly services: Readonly<Record<string, ServiceConfig>>;
}

/** How the program is run. */
export interface StartOptions {
	/** More of the command line. */
	readonly args?: readonly string[];
	/** What its stdin, stdout and stderr are; stdout and stderr are read unless given. */
	readonly stdio?: readonly ("ignore" | "pipe" | number)[];
	/** What it is run by, such as `["prlimit", "--nofile=64"]`. */
	readonly under?: readonly string[];
	/** Variables beside those of the test. */
	readonly env?: NodeJS.ProcessEnv;
}

/** A service as the admin API shows it. */
export interface ServiceAnswer {
	readonly name: string;
	readonly state: "synced" | "stale" | "unknown" | "removing";
	readonly version: string;
	readonly endpoints: { readonly total: number; readonly ready: number; readonly held: number };
	readonly notes: readonly string[];
	readonly repairs: readonly string[];
	readonly problems: readonly { type: string; family: string; reason: string; message: string; since: string }[];
	readonly items?: readonly { address: string; port: number; health: string; weight: number }[];
}

/** A client as the admin API shows it: dates are texts there. */
export type ClientAnswer = Pick<ClientStatus, "node" | "identity" | "stream" | "family" | "userAgent" | "address"> & {
	readonly types: Readonly<
		Record<
			string,
			{
				readonly mode: string;
				readonly wildcard: boolean;
				readonly names: readonly string[];
				readonly sent: { readonly version: string } | null;
				readonly acked: { readonly version: string } | null;
				readonly nacked: { readonly error: string } | null;
				readonly asksNothing: boolean;
				readonly synced: boolean;
			}
		>
	>;
};

/** One line of the log. */
export interface LogLine {
	/** pino's: 30 info, 40 warn, 50 error. */
	readonly level: string;
	readonly msg: string;
	/** The whole line as it was written. */
	readonly text: string;
}

/** The built program, serving a config of its own folder on 127.0.0.1. */
export class Fingerpost implements AsyncDisposable {
	readonly #folder: string;
	readonly #ports: { readonly xds: number; readonly admin: number };
	readonly #options: StartOptions;
	#child: Child;
	#config: Config;

	private constructor(folder: string, config: Config, ports: { xds: number; admin: number }, options: StartOptions) {
		this.#folder = folder;
		this.#options = options;
		this.#config = config;
		this.#ports = ports;
		this.#child = this.#spawn();
	}

	/** Starts it and waits for the ready line, or where that is not read for its metrics, for at most 60 s. */
	static async start(config: Config, options: StartOptions = {}): Promise<Fingerpost> {
		if (!existsSync(MAIN)) throw new Error("dist/main.js is not there: `npm run build` makes it (npm test does)");
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-lab-"));
		await writeFile(join(folder, "fingerpost.yaml"), JSON.stringify(config));
		const [xds, admin] = (await freePorts(2)) as [number, number];
		const server = new Fingerpost(folder, config, { xds, admin }, options);
		try {
			await server.#ready();
		} catch (reason) {
			await server[Symbol.asyncDispose]();
			throw reason;
		}
		return server;
	}

	get xdsPort(): number {
		return this.#ports.xds;
	}

	/** `http://127.0.0.1:PORT` of the admin API. */
	get adminUrl(): string {
		return `http://127.0.0.1:${this.#ports.admin}`;
	}

	get pid(): number {
		return this.#child.pid;
	}

	get configPath(): string {
		return join(this.#folder, "fingerpost.yaml");
	}

	/** The folder of the config, for files that targets name. */
	get folder(): string {
		return this.#folder;
	}

	/** What the present process has logged so far. */
	get log(): LogLine[] {
		return this.#child.stderr.map((text) => {
			try {
				return { ...(JSON.parse(text) as { level: string; msg: string }), text };
			} catch {
				return { level: "", msg: text, text };
			}
		});
	}

	/** What the present process has written to stdout. */
	get stdout(): readonly string[] {
		return this.#child.stdout;
	}

	/** Writes the text as the new config, by an atomic rename; what it makes of it is the caller's to await. */
	async writeConfig(text: string): Promise<void> {
		await this.writeFile("fingerpost.yaml", text);
	}

	/** Writes a file in the config's folder by an atomic rename. */
	async writeFile(name: string, text: string): Promise<void> {
		const temporary = join(this.#folder, `.${name}.new`);
		await writeFile(temporary, text);
		await rename(temporary, join(this.#folder, name));
	}

	/** Changes some services of the config; undefined takes one out. */
	async setServices(changes: Readonly<Record<string, ServiceConfig | undefined>>): Promise<void> {
		const services = Object.fromEntries(
			Object.entries({ ...this.#config.services, ...changes }).filter(([, definition]) => definition !== undefined),
		) as Record<string, ServiceConfig>;
		this.#config = { ...this.#config, services };
		await this.#restoreConfig();
	}

	/** Writes the config as it last was by setServices. */
	async #restoreConfig(): Promise<void> {
		await this.writeConfig(JSON.stringify(this.#config));
	}

	/** Waits for a log line at warn or above that was written after `since` lines. */
	async waitForWarning(pattern: RegExp, since = 0): Promise<LogLine> {
		return waitUntil(`the log warns of ${pattern}`, () => {
			return this.log.slice(since).find((line) => ["warn", "error"].includes(line.level) && pattern.test(line.text));
		});
	}

	/** Ends the process; SIGTERM by default. */
	async kill(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
		return this.#child.kill(signal);
	}

	/** Starts it again on the same ports, and waits for the ready line. */
	async startAgain(): Promise<void> {
		await this.#child.exited;
		this.#child = this.#spawn();
		await this.#ready();
	}

	/** A JSON answer of the admin API; 60 s at most. */
	async api<T>(path: string): Promise<T> {
		return JSON.parse(await this.get(`/api/v1${path}`)) as T;
	}

	/** The text of any page of the admin port. */
	async get(path: string): Promise<string> {
		const answer = await fetch(`${this.adminUrl}${path}`, {
			signal: AbortSignal.timeout(PATIENCE),
		});
		if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
		return answer.text();
	}

	async services(): Promise<readonly ServiceAnswer[]> {
		return (await this.api<{ services: ServiceAnswer[] }>("/services")).services;
	}

	/** Rejects if there is no such service. */
	async service(name: string): Promise<ServiceAnswer> {
		return this.api(`/services/${encodeURIComponent(name)}`);
	}

	async clients(): Promise<readonly ClientAnswer[]> {
		return (await this.api<{ clients: ClientAnswer[] }>("/clients")).clients;
	}

	/** The texts of all NACKs that clients have sent and not yet made up for. */
	async nacks(): Promise<string[]> {
		const statuses = (await this.clients()).flatMap((client) => Object.values(client.types));
		return statuses.flatMap(({ nacked }) => (nacked ? [nacked.error] : []));
	}

	#spawn(): Child {
		const { xds, admin } = this.#ports;
		const listen = ["--xds-listen", `127.0.0.1:${xds}`, "--admin-listen", `127.0.0.1:${admin}`];
		const { under = [], args = [], stdio, env } = this.#options;
		const command = [...under, process.execPath, MAIN, "serve", "--config", this.configPath, ...listen, ...args];
		return new Child(command[0] as string, command.slice(1), {
			...(stdio && { stdio: [...stdio] }),
			...(env && { env: { ...process.env, ...env } }),
		});
	}

	async #ready(): Promise<void> {
		if ((this.#options.stdio?.[1] ?? "pipe") !== "pipe") {
			// The admin port is open before the others are.
			const started = 'fingerpost_config_reloads_total{result="success"} 1';
			await waitUntil("Fingerpost has started", async () => (await this.get("/metrics")).includes(started));
			return;
		}
		const line = await waitUntil("Fingerpost is ready", () => {
			if (this.#child.exit) return "ended";
			return this.#child.stdout.find((text) => text.includes(" ready "));
		}).catch((reason: unknown) => {
			throw new Error(`${String(reason)}\n${this.#child.tail}`, { cause: reason });
		});
		const { xds, admin } = this.#ports;
		const form =
			/^fingerpost \d+\.\d+\.\d+\S* ready xds=(\S+) admin=(\S+)(?: (?:rest|health|also)=\S+)* services=\d+ endpoints=\d+$/.exec(
				line,
			);
		if (form?.[1] !== `127.0.0.1:${xds}` || form[2] !== `127.0.0.1:${admin}`) {
			throw new Error(`Fingerpost did not start: "${line}"\n${this.#child.tail}`);
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#child.kill("SIGKILL");
		await rm(this.#folder, { recursive: true, force: true });
	}
}
