import { fileURLToPath } from "node:url";
import { startHttpBackend } from "../backends.js";
import { Child } from "../child.js";
import { freePorts } from "../ports.js";
import { waitUntil } from "../wait-until.js";
import { startWholeAnswers } from "./whole-answers.js";

export interface ZoneProcessOptions {
	readonly protocol: "http1" | "grpc";
	readonly names: readonly string[];
	/** Milliseconds until a request is answered, so that some are under way at any time. */
	readonly takes: number;
}

interface Orders extends ZoneProcessOptions {
	readonly ports: readonly number[];
}

const HERE = fileURLToPath(import.meta.url);
const HOOK = fileURLToPath(new URL("../ts-hook.mjs", import.meta.url));
const READY = "all listen";

/** The back ends of a zone in a process of their own: it is killed, and all of them are gone at once. */
export class ZoneProcess implements AsyncDisposable {
	readonly #orders: Orders;
	#child: Child;

	private constructor(orders: Orders) {
		this.#orders = orders;
		this.#child = this.#spawn();
	}

	/** Starts it, and waits until all of them listen. */
	static async start(options: ZoneProcessOptions): Promise<ZoneProcess> {
		const ports = await freePorts(options.names.length);
		const zone = new ZoneProcess({ ...options, ports });
		try {
			await zone.#ready();
		} catch (reason) {
			await zone[Symbol.asyncDispose]();
			throw reason;
		}
		return zone;
	}

	get addresses(): readonly string[] {
		return this.#orders.ports.map((port) => `127.0.0.1:${port}`);
	}

	/** Nothing is closed in order: who asks is refused, and what is under way is lost. */
	async kill(): Promise<void> {
		await this.#child.kill("SIGKILL");
	}

	/** Starts it on the same ports. */
	async startAgain(): Promise<void> {
		this.#child = this.#spawn();
		await this.#ready();
	}

	#spawn(): Child {
		const stdio = ["pipe", "pipe", "pipe"] as const;
		return new Child(process.execPath, ["--import", HOOK, HERE, JSON.stringify(this.#orders)], { stdio: [...stdio] });
	}

	async #ready(): Promise<void> {
		await waitUntil("the back ends listen", () => this.#child.exit || this.#child.stdout.includes(READY));
		if (this.#child.exit) throw new Error(`the back ends ended:\n${this.#child.tail}`);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#child.kill("SIGKILL");
	}
}

if (import.meta.main) {
	const { protocol, names, ports, takes } = JSON.parse(process.argv[2] as string) as Orders;
	const start = protocol === "grpc" ? startWholeAnswers : startHttpBackend;
	await Promise.all(names.map((name, i) => start(name, { port: ports[i] as number, takes })));
	console.log(READY);
	// Who started it is gone.
	process.stdin.once("close", () => process.exit(0)).resume();
}
