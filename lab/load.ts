import { Agent, request } from "node:http";
import { PATIENCE } from "./patience.js";

export interface LoadOptions {
	/** `http://127.0.0.1:PORT` of the proxy. */
	readonly url: string;
	readonly service: string;
	/** Requests per second. */
	readonly rate?: number;
	/** Milliseconds after which it stops by itself; 10 minutes by default. */
	readonly limit?: number;
}

export interface LoadResult {
	readonly ok: number;
	readonly failed: number;
	/** How many answers each back end gave. */
	readonly byBackend: Readonly<Record<string, number>>;
	/** The first failures in words. */
	readonly failures: readonly string[];
}

/** One request to the service through the proxy, which routes by the `x-service` header. At most 60 s. */
export function ask(
	url: string,
	service: string,
	agent?: Agent,
	more: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: string }> {
	return new Promise((resolve, reject) => {
		const options = { headers: { "x-service": service, ...more }, signal: AbortSignal.timeout(PATIENCE), agent };
		const sent = request(url, options, (response) => {
			let body = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				body += chunk;
			});
			response.once("error", reject);
			response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
		});
		sent.once("error", reject);
		sent.end();
	});
}

class Tally {
	ok = 0;
	failed = 0;
	readonly byBackend: Record<string, number> = {};
	readonly failures: string[] = [];

	async count(answer: Promise<{ status: number; body: string }>): Promise<void> {
		const at = new Date().toISOString();
		try {
			const { status, body } = await answer;
			if (status !== 200) return this.fail(`${at} ${status} ${body}`);
			this.ok++;
			this.byBackend[body] = (this.byBackend[body] ?? 0) + 1;
		} catch (reason) {
			this.fail(`${at} ${inWords(reason)}`);
		}
	}

	fail(why: string): void {
		this.failed++;
		if (this.failures.length < 10) this.failures.push(why);
	}
}

/** With the system's word for it: of a connection that ends under a request the message alone says only "socket hang up". */
function inWords(reason: unknown): string {
	const { code } = reason as NodeJS.ErrnoException;
	const text = String(reason);
	return typeof code !== "string" || text.includes(code) ? text : `${text} (${code})`;
}

/** A number of requests, one after another. @param headers of each, by its number. */
export async function burst(
	url: string,
	service: string,
	count: number,
	headers?: (i: number) => Readonly<Record<string, string>>,
): Promise<LoadResult> {
	const agent = new Agent({ keepAlive: true });
	const tally = new Tally();
	try {
		for (let i = 0; i < count; i++) await tally.count(ask(url, service, agent, headers?.(i)));
	} finally {
		agent.destroy();
	}
	return tally;
}

/** A steady load on one service; it stops when asked, when disposed of, and after its limit. */
export class Load implements AsyncDisposable {
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
	readonly #tally = new Tally();
	readonly #open = new Set<Promise<void>>();
	readonly #timer: NodeJS.Timeout;

	constructor({ url, service, rate = 200, limit = 600_000 }: LoadOptions) {
		const started = performance.now();
		let sent = 0;
		this.#timer = setInterval(() => {
			const elapsed = performance.now() - started;
			if (elapsed > limit) {
				clearInterval(this.#timer);
				return;
			}
			// After a pause of this process it catches up, but not with a flood.
			for (let batch = 0; sent < (elapsed * rate) / 1_000 && batch < 20; batch++, sent++) {
				const one = this.#tally.count(ask(url, service, this.#agent)).finally(() => this.#open.delete(one));
				this.#open.add(one);
			}
		}, 5);
	}

	/** What has been counted so far. */
	get result(): LoadResult {
		return this.#tally;
	}

	/** Stops, waits for the requests under way, and returns the counts. */
	async stop(): Promise<LoadResult> {
		clearInterval(this.#timer);
		await Promise.all(this.#open);
		this.#agent.destroy();
		return this.#tally;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}
}
