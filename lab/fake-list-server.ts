import {
	createServer,
	type IncomingHttpHeaders,
	type RequestListener,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What a fake list server is asked. */
export interface ListRequest {
	/** With the query. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	/** How many requests came before. */
	readonly index: number;
	/** By performance.now(). */
	readonly at: number;
}

/** How a request is answered other than with the list at its path. */
export interface ListReaction {
	/** No answer; the connection stays. */
	readonly silent?: boolean;
	/** No answer; the connection ends. */
	readonly hangUp?: boolean;
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Buffer;
	/** What follows the body: the answer's proper end, nothing, or the connection's end. */
	readonly after?: "end" | "stay" | "break";
	/** An open stream of events, which begins with these; `send` has more. */
	readonly events?: string;
}

/** A web server on loopback with lists of endpoints, that does what the test tells it to and counts. */
export class FakeListServer implements AsyncDisposable {
	readonly requests: ListRequest[] = [];
	/** Overrides the lists where it gives something. */
	react: (request: ListRequest) => ListReaction | undefined = () => undefined;
	/** The headers of every list. */
	headers: Readonly<Record<string, string>> = {};
	readonly #lists = new Map<string, string>();
	readonly #streams = new Map<ServerResponse, string>();
	readonly #server: Server;

	private constructor(make: (listener: RequestListener) => Server) {
		this.#server = make((request, response) => {
			const asked = {
				...{ path: request.url ?? "/", headers: request.headers },
				...{ index: this.requests.length, at: performance.now() },
			};
			this.requests.push(asked);
			const text = this.#lists.get(asked.path);
			const fallback = text === undefined ? { status: 404, body: "not found" } : { body: text, headers: this.headers };
			this.#answer(asked.path, response, this.react(asked) ?? fallback);
		});
		// A connection that nobody uses stays until the client ends it.
		this.#server.keepAliveTimeout = 0;
	}

	/** @param make another kind of server, for TLS. */
	static async start(make: (listener: RequestListener) => Server = createServer): Promise<FakeListServer> {
		const server = new FakeListServer(make);
		await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
		return server;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get connections(): Promise<number> {
		return new Promise((resolve, reject) =>
			this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
		);
	}

	/** Streams that are open. */
	get streams(): number {
		return this.#streams.size;
	}

	/** Sets the list at a path; anything but a text is written as JSON. */
	set(path: string, list: unknown): void {
		this.#lists.set(path, typeof list === "string" ? list : JSON.stringify(list));
	}

	list(path: string): string | undefined {
		return this.#lists.get(path);
	}

	/** To all open streams, or to those of a path. */
	send(text: string, path?: string): void {
		for (const [response, of] of this.#streams) if (path === undefined || of === path) response.write(text);
	}

	/** Ends all open streams in order. */
	endStreams(): void {
		for (const response of this.#streams.keys()) response.end();
	}

	/** All open streams stay, but say nothing any more. */
	mute(): void {
		this.#streams.clear();
	}

	/** All connections break. */
	breakAll(): void {
		this.#server.closeAllConnections();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.breakAll();
		await closed;
	}

	#answer(path: string, response: ServerResponse, reaction: ListReaction): void {
		const { silent, hangUp, status = 200, headers, body = "", after = "end", events } = reaction;
		if (silent) return;
		if (hangUp) {
			response.socket?.destroy();
			return;
		}
		const type = events === undefined ? "application/json" : "text/event-stream";
		response.writeHead(status, { "content-type": type, ...headers });
		response.flushHeaders();
		if (events !== undefined) {
			this.#streams.set(response, path);
			response.on("close", () => this.#streams.delete(response));
			response.write(events);
		} else if (after === "end") response.end(body);
		else {
			response.write(body);
			if (after === "break") setImmediate(() => response.destroy());
		}
	}
}

/** An event whose data is a list. */
export function eventOf(list: unknown, id?: string): string {
	return `${id === undefined ? "" : `id: ${id}\n`}data: ${typeof list === "string" ? list : JSON.stringify(list)}\n\n`;
}
