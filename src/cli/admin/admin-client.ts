import type { IncomingMessage } from "node:http";
import { FingerpostError } from "../../util/errors.js";
import { AdminAccess, type AdminOptions } from "./admin-access.js";

const TIMEOUT_MS = 5_000;

/** An answer as it came. */
export interface AdminAnswer {
	readonly status: number;
	readonly body: string;
}

/** Reads the admin API of a running control plane. */
export class AdminClient {
	readonly #access: AdminAccess;
	readonly #timeout: number;

	/**
	 * @param timeout how long nothing may come of an answer, in milliseconds; 5 s unless given.
	 * @throws FingerpostError USAGE for a file of the options that cannot be read.
	 */
	constructor(options: AdminOptions, timeout = TIMEOUT_MS) {
		this.#access = new AdminAccess(options);
		this.#timeout = timeout;
	}

	get access(): AdminAccess {
		return this.#access;
	}

	/**
	 * The JSON at the path, or undefined where the API says that there is no such thing.
	 * @param path already percent-encoded
	 * @throws FingerpostError ADMIN_UNREACHABLE
	 */
	async get<T>(path: string): Promise<T | undefined> {
		const { status, body } = await this.ask(path);
		if (status === 401 || status === 403) throw refused(this.#access.name, errorText(body));
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
			const received = (response: IncomingMessage) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk: Buffer) => {
					chunks.push(chunk);
					timer.refresh();
				});
				response.on("error", failed);
				response.on("end", () => {
					resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
				});
			};
			this.#access.request({ path, method, signal }, received).on("error", failed).end();
		});
		return answer.finally(() => clearTimeout(timer));
	}

	/** What is told of a connection that failed. */
	unreachable(cause: Error): FingerpostError {
		return this.#unreachable(reasonOf(cause), cause);
	}

	#unreachable(why: string, cause?: unknown): FingerpostError {
		return new FingerpostError(
			"ADMIN_UNREACHABLE",
			`cannot read the admin port ${this.#access.name}: ${why}\nIs \`fingerpost serve\` running? --admin HOST:PORT (or FINGERPOST_ADMIN) says where its admin port is.`,
			{ cause },
		);
	}
}

/** The path with the parameters that are given. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
	const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
	return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function refused(name: string, why: string): FingerpostError {
	const hint = "--token-file FILE (or FINGERPOST_TOKEN_FILE) gives a token";
	return new FingerpostError("ADMIN_UNREACHABLE", `the admin port ${name} refuses: ${why}\n${hint}`);
}

function reasonOf(cause: Error): string {
	const { code } = cause as NodeJS.ErrnoException;
	if (code === "ECONNREFUSED") return "connection refused";
	if (code === "ENOTFOUND") return "no such host";
	// The frames of HTTP/2, which is what gRPC speaks, are no answer of HTTP/1.
	if (code === "HPE_INVALID_CONSTANT") return "what listens there does not speak HTTP/1: is it the xDS port?";
	const reason = code === undefined ? undefined : TLS_REASONS[code];
	if (reason !== undefined) return reason;
	if (code === "ECONNRESET") return `${cause.message}: does it take TLS (--admin https://HOST:PORT)?`;
	return cause.message;
}

const TLS_REASONS: Readonly<Record<string, string>> = {
	EPROTO: "what listens there does not speak TLS, or refuses: --admin HOST:PORT is without",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of no known CA: --ca FILE says which",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of no known CA: --ca FILE says which",
	SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of no known CA: --ca FILE says which",
	DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed: --ca FILE says that it is to be believed",
	CERT_HAS_EXPIRED: "its certificate has expired",
	ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "it wants a client certificate: --cert FILE --key FILE",
	ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: "it wants a client certificate: --cert FILE --key FILE",
};

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
