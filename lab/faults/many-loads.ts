import { Agent } from "node:http";
import { ask } from "../load.js";

/** Milliseconds between two requests, whatever the service. */
const BETWEEN_MS = 5;
/** How many requests are under way at most. */
const MOST = 64;

/** One steady load on many services, which get their requests in turn. */
export class ManyLoads implements AsyncDisposable {
	readonly #url: string;
	readonly #agent = new Agent({ keepAlive: true, maxSockets: MOST });
	readonly #services: string[] = [];
	readonly #ok = new Map<string, number>();
	readonly #failures: string[] = [];
	readonly #open = new Set<Promise<void>>();
	readonly #timer: NodeJS.Timeout;
	#turn = 0;

	/** @param url `http://127.0.0.1:PORT` of the proxy. */
	constructor(url: string) {
		this.#url = url;
		this.#timer = setInterval(() => this.#next(), BETWEEN_MS);
	}

	add(...services: readonly string[]): void {
		this.#services.push(...services);
	}

	/** The least number of answers that one of the services has had so far. */
	get least(): number {
		return Math.min(...this.#services.map((service) => this.#ok.get(service) ?? 0));
	}

	/** All requests that were not answered with 200, in words. */
	get failures(): readonly string[] {
		return this.#failures;
	}

	/** Stops, and waits for the requests under way. */
	async [Symbol.asyncDispose](): Promise<void> {
		clearInterval(this.#timer);
		await Promise.all(this.#open);
		this.#agent.destroy();
	}

	#next(): void {
		const service = this.#services[this.#turn++ % this.#services.length];
		if (service === undefined || this.#open.size >= MOST) return;
		const one = this.#ask(service).finally(() => this.#open.delete(one));
		this.#open.add(one);
	}

	async #ask(service: string): Promise<void> {
		const at = new Date().toISOString();
		try {
			const { status, body } = await ask(this.#url, service, this.#agent);
			if (status === 200) this.#ok.set(service, (this.#ok.get(service) ?? 0) + 1);
			else this.#failures.push(`${at} ${service}: ${status} ${body}`);
		} catch (reason) {
			this.#failures.push(`${at} ${service}: ${String(reason)}`);
		}
	}
}
