import { request } from "node:http";
import { formatHostPort, type HostPort } from "../../model/host-port.js";
import { FingerpostError } from "../../util/errors.js";

const TIMEOUT_MS = 5_000;

/** An answer as it came. */
export interface AdminAnswer {
	readonly status: number;
	readonly body: string;
}

/** Reads the admin API of a running control plane. */
export class AdminClient {
	readonly #address: HostPort;
	readonly #timeout: number;

	/** @param timeout how long nothing may come of an answer, in milliseconds; 5 s unless given. */
	constructor(address: HostPort, timeout = TIMEOUT_MS) {
		this.#address = address;
		this.#timeout = timeout;
	}

	get address(): HostPort {
		return this.#address;
	}

	/**
	 * The JSON at the path, or undefined where the API says that there is no such thing.
	 * @param path already percent-encoded
	 * @throws FingerpostError ADMIN_UNREACHABLE
	 */
	async get<T>(path: string): Promise<T | undefined> {
		const { status, body } = await this.ask(path);
		if (status !== 200 && status !== 404) {
			throw this.#unreachable(`it answers ${path} with ${status}: ${errorText(body)}`);
		}
		let value: unknown;
		try {
			value = JSON.parse(body);
		} catch (cause) {
			throw this.#unreachable(`what listens there is not a Fingerpost admin port`, cause);
		}
		return status === 200 ? (value as T) : undefined;
	}

	/** As get, for what every control plane has. */
	async getExisting<T>(path: string): Promise<T> {
		const value = await this.get<T>(path);
		if (value === undefined) throw this.#unreachable(`what listens there has no ${path}: is it another version?`);
		return value;
	}

	/**
	 * Whatever stands at the path, of any status.
	 * @param path already percent-encoded
	 * @throws FingerpostError ADMIN_UNREACHABLE
	 */
	ask(path: string, method: "GET" | "POST" = "GET"): Promise<AdminAnswer> {
		const { host, port } = this.#address;
		const late = new AbortController();
		const { signal } = late;
		// A long answer takes its time, but something of it comes.
		const timer = setTimeout(() => late.abort(), this.#timeout);
		const answer = new Promise<AdminAnswer>((resolve, reject) => {
			const failed = (cause: Error) => {
				if (signal.aborted) reject(this.#unreachable(`no answer within ${this.#timeout / 1_000} s`, cause));
				else reject(this.unreachable(cause));
			};
			// Not fetch: it would take a service called `..` for the folder above.
			request({ host, port, path, method, signal, agent: false }, (response) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk: Buffer) => {
					chunks.push(chunk);
					timer.refresh();
				});
				response.on("error", failed);
				response.on("end", () => {
					resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
				});
			})
				.on("error", failed)
				.end();
		});
		return answer.finally(() => clearTimeout(timer));
	}

	/** What is told of a connection that failed. */
	unreachable(cause: Error): FingerpostError {
		return this.#unreachable(reasonOf(cause), cause);
	}

	#unreachable(why: string, cause?: unknown): FingerpostError {
		const address = formatHostPort(this.#address);
		return new FingerpostError(
			"ADMIN_UNREACHABLE",
			`cannot read the admin port ${address}: ${why}\nIs \`fingerpost serve\` running? --admin HOST:PORT (or FINGERPOST_ADMIN) says where its admin port is.`,
			{ cause },
		);
	}
}

/** The path with the parameters that are given. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
	const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
	return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function reasonOf(cause: Error): string {
	const { code } = cause as NodeJS.ErrnoException;
	if (code === "ECONNREFUSED") return "connection refused";
	if (code === "ENOTFOUND") return "no such host";
	// The frames of HTTP/2, which is what gRPC speaks, are no answer of HTTP/1.
	if (code === "HPE_INVALID_CONSTANT") return "what listens there does not speak HTTP/1: is it the xDS port?";
	return cause.message;
}

/** The `error` of the API's own JSON, else the beginning of whatever came. */
export function errorText(body: string): string {
	try {
		const { error } = JSON.parse(body) as { error?: unknown };
		if (typeof error === "string") return error;
	} catch {
		// Not JSON: shown as it is.
	}
	return body.slice(0, 200).trim();
}
