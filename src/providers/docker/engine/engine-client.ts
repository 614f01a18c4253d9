import { type IncomingMessage, request as plainRequest } from "node:http";
import { type RequestOptions, request as tlsRequest } from "node:https";
import { join } from "node:path";
import { formatDuration } from "../../../util/duration.js";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { readTextFile } from "../../../util/files/read-text-file.js";
import { cleanText } from "../../../util/text/clean-text.js";
import { withinLimit } from "../../../util/time-limit.js";
import { VERSION } from "../../../util/version.js";
import { countedRequest } from "../../source-requests.js";
import type { EngineAddress } from "./engine-address.js";

/** Bytes of an answer; a container takes two or three thousand. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Of an error's body. */
const MOST_ERROR = 4_096;
/** Characters of what the engine says that are told. */
const MAX_SAID = 300;

export interface EngineClientOptions {
	readonly address: EngineAddress;
	/** Milliseconds until an answer is complete. */
	readonly answer: number;
	/** The folder with ca.pem, cert.pem and key.pem, where the engine is asked by TLS. */
	readonly certificates?: string | undefined;
}

/** The engine, or a proxy before it, has answered with an error. */
export class EngineRefused extends SourceFailed {
	/** Of HTTP. */
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

/** Asks a container engine, and changes nothing there. Each request has a connection of its own. */
export class EngineClient {
	readonly #options: EngineClientOptions;

	constructor(options: EngineClientOptions) {
		this.#options = options;
	}

	/** What the engine has at a path. @throws SourceFailed; the signal's reason once it fires. */
	async get(path: string, signal: AbortSignal): Promise<unknown> {
		const ask = async (end: AbortSignal) => textOf(await this.#open(path, end), MOST_BYTES);
		const text = await countedRequest({ provider: "docker", signal }, () => this.#within(path, signal, ask));
		try {
			return JSON.parse(text);
		} catch (cause) {
			throw this.#failure(path, "the answer is not JSON", cause);
		}
	}

	/**
	 * The stream of the engine's events, once it has begun. It goes on until the signal fires.
	 * @param filters which events: those that have a given value of each key.
	 * @throws SourceFailed; the signal's reason once it fires.
	 */
	async events(filters: Readonly<Record<string, readonly string[]>>, signal: AbortSignal): Promise<IncomingMessage> {
		const path = `/events?filters=${encodeURIComponent(JSON.stringify(filters))}`;
		try {
			return await countedRequest({ provider: "docker", signal }, () => this.#open(path, signal));
		} catch (error) {
			throw this.#failed(path, error, signal);
		}
	}

	async #within<T>(path: string, signal: AbortSignal, work: (end: AbortSignal) => Promise<T>): Promise<T> {
		const { answer } = this.#options;
		const late = () => this.#failure(path, `no answer within ${formatDuration(answer)}`);
		try {
			return await withinLimit({ ms: answer, late, signal }, work);
		} catch (error) {
			throw this.#failed(path, error, signal);
		}
	}

	/** @throws the signal's reason once it has fired. */
	#failed(path: string, error: unknown, signal: AbortSignal): SourceFailed {
		signal.throwIfAborted();
		return error instanceof SourceFailed ? error : this.#failure(path, problemOf(error), error);
	}

	async #open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
		const { address } = this.#options;
		const tls = await this.#tls(signal);
		signal.throwIfAborted();
		const where = address.socketPath === undefined ? { host: address.host, port: address.port } : { ...address };
		const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
		const headers = { host: "docker", accept: "application/json", "user-agent": `fingerpost/${VERSION}` };
		const request = (tls ? tlsRequest : plainRequest)(
			{ ...where, ...tls, path, headers, agent: false, signal },
			resolve,
		);
		// The listener stays: what breaks later reaches the answer, and must not be unhandled here.
		request.on("error", reject).end();
		const response = await promise;
		if (response.statusCode === 200) return response;
		const status = response.statusCode ?? 0;
		const said = saidIn(await textOf(response, MOST_ERROR));
		throw new EngineRefused(status, this.#failure(path, `the engine answered ${status}${said}`).message);
	}

	async #tls(signal: AbortSignal): Promise<RequestOptions | undefined> {
		const { certificates: folder } = this.#options;
		if (folder === undefined) return undefined;
		const read = async (name: string) => (await readTextFile(join(folder, name), { signal })).content;
		const [ca, cert, key] = await Promise.all(["ca.pem", "cert.pem", "key.pem"].map(read));
		return { ca, cert, key };
	}

	#failure(path: string, problem: string, cause?: unknown): SourceFailed {
		const what = path.replace(/\?.*/s, "");
		return new SourceFailed(`cannot ask ${this.#options.address.text} for ${what}: ${problem}`, { cause });
	}
}

function problemOf(error: unknown): string {
	const { code } = error as NodeJS.ErrnoException;
	if (code === "ENOENT") return "there is no such socket; is the engine running, and its socket mounted here?";
	if (code === "EACCES") return "the socket may not be opened; its group, mostly docker, may";
	if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
	return messageOf(error);
}

async function textOf(response: IncomingMessage, most: number): Promise<string> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		length += chunk.length;
		if (length > most) throw new SourceFailed(`the engine's answer is larger than ${most} bytes`);
		chunks.push(chunk);
	}
	if (!response.complete) throw new SourceFailed("the engine's answer broke off");
	return Buffer.concat(chunks).toString();
}

/** An error of the engine is `{"message": "…"}`. */
function saidIn(text: string): string {
	try {
		const { message } = JSON.parse(text) as { readonly message?: unknown };
		return typeof message === "string" ? `: ${cleanText(message, { max: MAX_SAID })}` : "";
	} catch {
		return "";
	}
}
