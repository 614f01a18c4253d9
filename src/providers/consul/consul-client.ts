import type { IncomingMessage } from "node:http";
import { SourceFailed } from "../../util/errors.js";
import type { HttpClient, HttpRequest } from "../http-client/http-client.js";
import { readBody, readError } from "../http-client/read-body.js";
import { type HealthEntry, readHealthEntries } from "./health-entry.js";

/** Bytes of an answer. */
const MAX_BYTES = 32 * 1024 * 1024;

/** The options of a query, by Consul's names for them. */
export type Parameters = Readonly<Record<string, string | undefined>>;

export interface Blocking {
	/** Answers when the service's index is above this; 0: at once. */
	readonly index: number;
	/** Whole seconds until it answers in any case. */
	readonly wait: number;
}

/** What an agent said, and how far it is to be believed. */
export interface Reply {
	readonly index: number;
	/** Something was left out because the token may not read it. */
	readonly filtered: boolean;
	/** A server that has lost its leader gave the list: it may be from before anything was there. */
	readonly leaderless: boolean;
	/** Whether what may not be read is left out without a word: ACLs are on, and deny what is not allowed. */
	readonly denies: boolean;
}

/** What an agent said of a service. */
export interface HealthReply extends Reply {
	readonly entries: readonly HealthEntry[];
}

/** The names of all services, with the tags that some instance has. */
export interface ServicesReply extends Reply {
	readonly services: ReadonlyMap<string, readonly string[]>;
}

/** An agent or the way to it failed, whatever it is asked. */
export class AgentUnreachable extends SourceFailed {}

/** The connection broke while a query waited for something new: the agent may be back, with other indexes. */
export class QueryBroke extends SourceFailed {}

/** The few calls of Consul's HTTP API. All throw SourceFailed, and the signal's reason once it fires. */
export class ConsulClient {
	readonly #http: HttpClient;
	readonly #address: string;
	readonly #hasToken: boolean;

	/** @param address without a slash at the end. */
	constructor(http: HttpClient, { address, hasToken }: { readonly address: string; readonly hasToken: boolean }) {
		this.#http = http;
		this.#address = address;
		this.#hasToken = hasToken;
	}

	get address(): string {
		return this.#address;
	}

	/** Keeps connections until the holder lets go. */
	hold(): () => void {
		return this.#http.hold();
	}

	/** The instances of a service, once there is something new. @throws QueryBroke while it waits for that, too. */
	async health(service: string, parameters: Parameters, blocking: Blocking, signal: AbortSignal): Promise<HealthReply> {
		const path = `/v1/health/service/${encodeURIComponent(service)}`;
		const { body, ...reply } = await this.#query(path, parameters, blocking, signal);
		return { ...reply, entries: await readHealthEntries(body, signal) };
	}

	/** All services and their tags, likewise. */
	async services(parameters: Parameters, blocking: Blocking, signal: AbortSignal): Promise<ServicesReply> {
		const { body, ...reply } = await this.#query("/v1/catalog/services", parameters, blocking, signal);
		return { ...reply, services: readServices(body) };
	}

	/** The datacenter of the agent; undefined where it does not tell. */
	async datacenter(signal: AbortSignal): Promise<string | undefined> {
		const response = await this.#open({ url: this.#url("/v1/catalog/datacenters", {}), signal });
		if (response.statusCode !== 200) throw await refused(response);
		// The nearest comes first: its own.
		const [first] = JSON.parse(await readBody(response, 65_536)) as readonly unknown[];
		return typeof first === "string" ? first : undefined;
	}

	async #query(
		path: string,
		parameters: Parameters,
		{ index, wait }: Blocking,
		signal: AbortSignal,
	): Promise<Reply & { readonly body: string }> {
		const blocking = index === 0 ? {} : { index: String(index), wait: `${wait}s` };
		const url = this.#url(path, { ...parameters, ...blocking });
		const Failure = index === 0 ? AgentUnreachable : QueryBroke;
		const response = await this.#open({ url, signal, retry: index === 0 }, Failure);
		if (response.statusCode !== 200) throw await refused(response);
		const header = (name: string) => String(response.headers[name] ?? "").toLowerCase();
		const body = await readBody(response, MAX_BYTES);
		const reached = Number(header("x-consul-index"));
		if (!Number.isSafeInteger(reached) || reached <= 0) {
			throw new SourceFailed("the answer has no X-Consul-Index; is it the HTTP API of Consul?");
		}
		return {
			body,
			index: reached,
			filtered: header("x-consul-results-filtered-by-acls") === "true",
			// The agent's own copy, which it keeps by streaming, never says so.
			leaderless: header("x-consul-knownleader") === "false" && header("x-consul-query-backend") !== "streaming",
			denies: header("x-consul-default-acl-policy") !== "allow",
		};
	}

	/**
	 * Whether the token may read the service: an empty answer does not say it. Undefined where the agent does not tell.
	 * @param parameters of which the datacenter, namespace and partition count.
	 */
	async mayRead(service: string, { dc, ns, partition }: Parameters, signal: AbortSignal): Promise<boolean | undefined> {
		const asked = [{ Resource: "service", Access: "read", Segment: service, Namespace: ns, Partition: partition }];
		// With a token the filtered header tells what else is missing; without one it never comes.
		const more = this.#hasToken ? [] : [{ Resource: "node", Access: "read", Segment: "" }];
		const url = this.#url("/v1/internal/acl/authorize", { dc });
		const body = JSON.stringify([...asked, ...more]);
		const response = await this.#open({ url, method: "POST", body, signal });
		// 401: ACLs are off. 404: the agent does not know the question.
		if (response.statusCode === 401 || response.statusCode === 404) {
			response.destroy();
			return response.statusCode === 401 ? true : undefined;
		}
		if (response.statusCode !== 200) throw await refused(response);
		return isAllowed(await readBody(response, 65_536));
	}

	async #open(request: HttpRequest, Failure: typeof SourceFailed = AgentUnreachable): Promise<IncomingMessage> {
		try {
			return await this.#http.open({ headers: { accept: "application/json" }, ...request });
		} catch (cause) {
			request.signal.throwIfAborted();
			throw new Failure((cause as Error).message, { cause });
		}
	}

	#url(path: string, parameters: Parameters): URL {
		const url = new URL(this.#address + path);
		for (const [name, value] of Object.entries(parameters)) {
			if (value !== undefined) url.searchParams.set(name, value);
		}
		return url;
	}
}

/** @throws SourceFailed if it is no list of what is allowed. */
function isAllowed(text: string): boolean {
	try {
		const answers = JSON.parse(text) as readonly { readonly Allow: unknown }[];
		return answers.length > 0 && answers.every(({ Allow }) => Allow === true);
	} catch (cause) {
		throw new SourceFailed("it does not say whether the token may read the service", { cause });
	}
}

async function refused(response: IncomingMessage): Promise<SourceFailed> {
	const said = await readError(response);
	const hint = response.statusCode === 403 ? "; check the token and its rights: service:read and node:read" : "";
	return new SourceFailed(`it answered ${response.statusCode}${said === "" ? "" : ` (${said})`}${hint}`);
}

function readServices(body: string): ReadonlyMap<string, readonly string[]> {
	const read: unknown = JSON.parse(body);
	if (typeof read !== "object" || read === null || Array.isArray(read)) {
		throw new SourceFailed("the answer is no list of services");
	}
	return new Map(
		Object.entries(read).map(([name, tags]) => {
			if (tags !== null && !(Array.isArray(tags) && tags.every((tag) => typeof tag === "string"))) {
				throw new SourceFailed(`the answer has no list of tags for the service ${JSON.stringify(name)}`);
			}
			return [name, tags ?? []];
		}),
	);
}
