import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { SliceObject } from "./slice-object.js";

export interface FakeRequest {
	readonly kind: "list" | "watch";
	/** `*` for all. */
	readonly namespace: string;
	readonly query: URLSearchParams;
	readonly token: string | undefined;
	readonly headers: IncomingHttpHeaders;
	/** How many requests of this kind came before. */
	readonly index: number;
	/** By performance.now(). */
	readonly at: number;
}

/** How a request is answered other than from the slices. */
export interface Reaction {
	/** No answer at all; the connection stays. */
	readonly silent?: boolean;
	/** No answer, and the connection ends. */
	readonly hangUp?: boolean;
	/** Other than 200: the body is a Status. */
	readonly status?: number;
	/** Of that Status. */
	readonly message?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** The body as it is, with these headers. */
	readonly raw?: string | Buffer;
	/** What follows a body: the answer's proper end, nothing, the connection's end, or the slices' own events. */
	readonly after?: "end" | "stay" | "break" | "events";
}

/** The namespace of requests for all namespaces. */
const ALL = "*";

interface Event {
	readonly revision: number;
	readonly type: "ADDED" | "MODIFIED" | "DELETED";
	readonly slice: SliceObject;
}

interface Watch {
	readonly namespace: string;
	readonly response: ServerResponse;
	readonly timer: NodeJS.Timeout;
}

/** An API server on loopback with EndpointSlices only, that does what the test tells it to and counts. */
export class FakeKubeApi implements AsyncDisposable {
	/** All requests, in order. */
	readonly requests: FakeRequest[] = [];
	/** Overrides the slices where it gives something. */
	react: (request: FakeRequest) => Reaction | undefined = () => undefined;
	/** Answers for pods, of which this one knows nothing: another one that was started with `PodList`. */
	pods: FakeKubeApi | undefined;
	/** Who does not bring it gets 401. */
	token: string | undefined;
	/** Slices a page at most, whatever is asked for. */
	page = Number.POSITIVE_INFINITY;
	readonly #slices = new Map<string, SliceObject>();
	readonly #events: Event[] = [];
	readonly #watches = new Set<Watch>();
	readonly #server: Server;
	#revision = 100;
	#compacted = 0;

	readonly #listKind: string;

	private constructor(listKind: string) {
		this.#listKind = listKind;
		this.#server = createServer((request, response) => this.#answer(request, response));
	}

	static async start(listKind = "EndpointSliceList"): Promise<FakeKubeApi> {
		const api = new FakeKubeApi(listKind);
		await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
		return api;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	count(kind: FakeRequest["kind"]): number {
		return this.requests.filter((request) => request.kind === kind).length;
	}

	/** Watches that are open now. */
	get open(): number {
		return this.#watches.size;
	}

	get connections(): Promise<number> {
		return new Promise((resolve, reject) =>
			this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
		);
	}

	get revision(): number {
		return this.#revision;
	}

	put(slice: SliceObject): void {
		const key = keyOf(slice);
		const type = this.#slices.has(key) ? "MODIFIED" : "ADDED";
		const stored = this.#stamped(slice);
		this.#slices.set(key, stored);
		this.#emit(type, stored);
	}

	delete(slice: SliceObject): void {
		this.#slices.delete(keyOf(slice));
		this.#emit("DELETED", this.#stamped(slice));
	}

	/** Sets the slices without any event, as if their change had been missed. */
	replace(...slices: readonly SliceObject[]): void {
		this.#slices.clear();
		for (const slice of slices) this.#slices.set(keyOf(slice), this.#stamped(slice));
	}

	/** Watches from before now are answered 410. */
	compact(): void {
		this.#compacted = ++this.#revision;
	}

	/** As if an old backup had been restored. */
	rewind(revision: number): void {
		this.#revision = revision;
		this.#events.length = 0;
	}

	/** To all open watches. */
	send(text: string): void {
		for (const { response } of this.#watches) response.write(text);
	}

	/** All open watches stay, but say nothing any more and never end. */
	stall(): void {
		for (const watch of [...this.#watches]) this.#forget(watch);
	}

	/** Ends all open watches in order, or breaks their connections. */
	endWatches(how: "end" | "break" = "end"): void {
		for (const watch of [...this.#watches]) {
			this.#forget(watch);
			if (how === "end") watch.response.end();
			else watch.response.destroy();
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const watch of [...this.#watches]) this.#forget(watch);
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		const url = new URL(request.url ?? "/", "http://localhost");
		const path = /^\/apis\/discovery\.k8s\.io\/v1\/(?:namespaces\/([^/]+)\/)?endpointslices$/.exec(url.pathname);
		const [, ofPods] = /^\/api\/v1\/namespaces\/([^/]+)\/pods$/.exec(url.pathname) ?? [];
		if (ofPods !== undefined && this.pods) this.pods.#answerFor(ofPods, url, request, response);
		else if (!path) status(response, 404);
		else this.#answerFor(path[1] ?? ALL, url, request, response);
	}

	#answerFor(namespace: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
		const kind = url.searchParams.get("watch") === "true" ? "watch" : "list";
		const token = request.headers.authorization?.replace(/^Bearer /, "");
		const asked: FakeRequest = {
			...{ kind, namespace, token, query: url.searchParams, headers: request.headers },
			...{ index: this.count(kind), at: performance.now() },
		};
		this.requests.push(asked);
		const reaction = this.react(asked);
		if (reaction?.silent) return;
		if (reaction?.hangUp) request.socket.destroy();
		else if (reaction?.status !== undefined) status(response, reaction.status, reaction);
		else if (this.token !== undefined && token !== this.token) status(response, 401);
		else if (reaction?.raw !== undefined) this.#raw(asked, response, reaction);
		else if (kind === "watch") this.#watch(asked, response);
		else this.#list(asked, response);
	}

	#raw(asked: FakeRequest, response: ServerResponse, { raw = "", after = "end", headers }: Reaction): void {
		response.writeHead(200, { "content-type": "application/json", ...headers });
		response.flushHeaders();
		response.write(raw);
		if (after === "end") response.end();
		else if (after === "break") setImmediate(() => response.destroy());
		else if (after === "events") this.#watch(asked, response);
	}

	#list({ namespace, query }: FakeRequest, response: ServerResponse): void {
		const [, service] = /^kubernetes\.io\/service-name=(.*)$/.exec(query.get("labelSelector") ?? "") ?? [];
		const all = [...this.#slices.values()].filter(
			({ metadata }) =>
				isWithin(metadata, namespace) &&
				(service === undefined || metadata.labels?.["kubernetes.io/service-name"] === service),
		);
		const begin = Number(query.get("continue") ?? 0);
		const end = begin + (query.has("limit") ? Math.min(Number(query.get("limit")), this.page) : all.length);
		response.writeHead(200, { "content-type": "application/json" }).end(
			JSON.stringify({
				kind: this.#listKind,
				apiVersion: "discovery.k8s.io/v1",
				metadata: {
					resourceVersion: String(this.#revision),
					...(end < all.length ? { continue: String(end) } : {}),
				},
				items: all.slice(begin, end),
			}),
		);
	}

	#watch({ namespace, query }: FakeRequest, response: ServerResponse): void {
		const from = Number(query.get("resourceVersion"));
		if (!response.headersSent) response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
		if (from < this.#compacted) {
			response.end(
				`${JSON.stringify({ type: "ERROR", object: { kind: "Status", code: 410, message: `too old resource version: ${from} (${this.#compacted})` } })}\n`,
			);
			return;
		}
		for (const event of this.#events) {
			if (event.revision > from && isWithin(event.slice.metadata, namespace)) response.write(lineOf(event));
		}
		const timer = setTimeout(
			() => {
				this.#forget(watch);
				const asked = query.get("allowWatchBookmarks") === "true";
				response.end(asked && from < this.#revision ? bookmark(this.#revision) : undefined);
			},
			Number(query.get("timeoutSeconds")) * 1_000,
		);
		const watch: Watch = { namespace, response, timer };
		this.#watches.add(watch);
		response.on("close", () => this.#forget(watch));
	}

	#emit(type: Event["type"], slice: SliceObject): void {
		const event = { revision: this.#revision, type, slice };
		this.#events.push(event);
		for (const { namespace, response } of this.#watches) {
			if (isWithin(slice.metadata, namespace)) response.write(lineOf(event));
		}
	}

	#stamped(slice: SliceObject): SliceObject {
		return { ...slice, metadata: { ...slice.metadata, resourceVersion: String(++this.#revision) } };
	}

	#forget(watch: Watch): void {
		clearTimeout(watch.timer);
		this.#watches.delete(watch);
	}
}

export function bookmark(revision: number): string {
	return `${JSON.stringify({ type: "BOOKMARK", object: { kind: "EndpointSlice", metadata: { resourceVersion: String(revision) } } })}\n`;
}

function lineOf({ type, slice }: Event): string {
	return `${JSON.stringify({ type, object: slice })}\n`;
}

function isWithin(metadata: SliceObject["metadata"], namespace: string): boolean {
	return namespace === ALL || metadata.namespace === namespace;
}

function keyOf({ metadata: { namespace, name } }: SliceObject): string {
	return `${namespace}/${name}`;
}

function status(response: ServerResponse, code: number, { headers, message = `said ${code}` }: Reaction = {}): void {
	const body = { kind: "Status", apiVersion: "v1", status: "Failure", message, code };
	response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
