import {
	Metadata,
	Server,
	ServerCredentials,
	type ServerDuplexStream,
	type ServerUnaryCall,
	type status,
} from "@grpc/grpc-js";
import {
	etcdCalls,
	type RangeRequest,
	type WatchEvent,
	type WatchRequest,
	type WatchResponse,
} from "../src/providers/etcd/client/etcd-calls.js";

type Stream = ServerDuplexStream<WatchRequest, WatchResponse>;

interface Stored {
	readonly value: string;
	readonly modRevision: number;
}

interface Watch {
	readonly id: number;
	readonly stream: Stream;
	readonly prefix: string;
}

/** How a call is answered other than from the keys. */
export type FakeEtcdReaction =
	| { readonly code: status; readonly details?: string }
	| { readonly silent: true }
	/** A watch is refused in the way of etcd: begun and ended at once, with the reason and without a number of its own. */
	| { readonly denied: string }
	| { readonly compacted: number };

/** An etcd server on loopback that does what the test tells it to, and counts. */
export class FakeEtcd implements AsyncDisposable {
	/** The calls in order: `range PREFIX`, `count PREFIX`, `watch PREFIX from REVISION`, `authenticate NAME`. */
	readonly calls: string[] = [];
	/** Overrides the keys where it gives something; a call in the same words. */
	react: (call: string, token: string | undefined) => FakeEtcdReaction | undefined = () => undefined;
	readonly #server = new Server();
	readonly #keys = new Map<string, Stored>();
	/** All that happened, in order: a watch may begin in the past. */
	readonly #history: WatchEvent[] = [];
	readonly #watches = new Set<Watch>();
	readonly #streams = new Set<Stream>();
	#port = 0;
	#revision = 10;
	#ids = 0;
	#tokens = 0;

	static async start(): Promise<FakeEtcd> {
		const etcd = new FakeEtcd();
		const { range, watch, authenticate } = await etcdCalls();
		etcd.#server.addService(
			{ range, watch, authenticate },
			{
				range: (call: ServerUnaryCall<RangeRequest, unknown>, done: Done) => etcd.#range(call, done),
				watch: (stream: Stream) => etcd.#watch(stream),
				authenticate: (call: ServerUnaryCall<{ name: string }, unknown>, done: Done) => {
					etcd.#answer(`authenticate ${call.request.name}`, call.metadata, done, () => ({
						token: `t${++etcd.#tokens}`,
					}));
				},
			},
		);
		etcd.#port = await new Promise<number>((resolve, reject) =>
			etcd.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
				error ? reject(error) : resolve(port),
			),
		);
		return etcd;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	get revision(): number {
		return this.#revision;
	}

	/** Streams of watches that are open. */
	get streams(): number {
		return this.#streams.size;
	}

	/** Watches that are open. */
	get watches(): number {
		return this.#watches.size;
	}

	count(pattern: RegExp): number {
		return this.calls.filter((call) => pattern.test(call)).length;
	}

	put(key: string, value: string): void {
		const stored = { value, modRevision: ++this.#revision };
		this.#keys.set(key, stored);
		this.#tell(key, { type: "PUT", kv: keyValue(key, stored) });
	}

	delete(key: string): void {
		this.#keys.delete(key);
		this.#tell(key, { type: "DELETE", kv: keyValue(key, { value: "", modRevision: ++this.#revision }) });
	}

	/** In one transaction the prefix gets exactly these keys. */
	set(prefix: string, keys: ReadonlyMap<string, string>): void {
		const modRevision = ++this.#revision;
		const events: WatchEvent[] = [];
		for (const key of [...this.#keys.keys()]) {
			if (!key.startsWith(prefix) || keys.has(key)) continue;
			this.#keys.delete(key);
			events.push({ type: "DELETE", kv: keyValue(key, { value: "", modRevision }) });
		}
		for (const [key, value] of keys) {
			this.#keys.set(key, { value, modRevision });
			events.push({ type: "PUT", kv: keyValue(key, { value, modRevision }) });
		}
		this.#tell(prefix, ...events);
	}

	/** Without any event, as if that had been lost. */
	replace(key: string, value: string): void {
		this.#keys.set(key, { value, modRevision: ++this.#revision });
	}

	/** Ends all watches, as etcd does with a reason. */
	cancelWatches(cancelReason: string, compactRevision = 0): void {
		for (const watch of [...this.#watches]) {
			this.#watches.delete(watch);
			watch.stream.write(this.#response({ watchId: watch.id, canceled: true, cancelReason, compactRevision }));
		}
	}

	/** As they are, to all watches. */
	send(response: Partial<WatchResponse>): void {
		for (const { id, stream } of this.#watches) stream.write(this.#response({ watchId: id, ...response }));
	}

	/** Ends the streams of watches in order, or with a status. */
	endStreams(code?: status, details = ""): void {
		for (const stream of [...this.#streams]) {
			this.#streams.delete(stream);
			if (code === undefined) stream.end();
			else stream.emit("error", { code, details });
		}
		this.#watches.clear();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.forceShutdown();
	}

	#range({ request, metadata }: ServerUnaryCall<RangeRequest, unknown>, done: Done): void {
		const { key, limit = 0, countOnly } = request;
		const from = key.toString();
		const end = request.rangeEnd.toString();
		const prefix = end.slice(0, -1) + String.fromCharCode(end.charCodeAt(end.length - 1) - 1);
		this.#answer(`${countOnly ? "count" : "range"} ${prefix}`, metadata, done, () => {
			const all = [...this.#keys].filter(([name]) => name >= from && name < end).sort(([a], [b]) => (a < b ? -1 : 1));
			const some = limit > 0 ? all.slice(0, limit) : all;
			return {
				header: { revision: this.#revision },
				kvs: countOnly ? [] : some.map(([name, stored]) => keyValue(name, stored)),
				more: some.length < all.length,
				count: all.length,
			};
		});
	}

	#answer(call: string, metadata: Metadata, done: Done, answer: () => unknown): void {
		this.calls.push(call);
		const reaction = this.react(call, metadata.get("token")[0]?.toString());
		if (reaction === undefined) done(null, answer());
		else if ("code" in reaction) done({ code: reaction.code, details: reaction.details ?? "" });
	}

	#watch(stream: Stream): void {
		this.#streams.add(stream);
		// Otherwise a client sees that the stream has begun with the first watch only.
		stream.sendMetadata(new Metadata());
		const forget = () => {
			this.#streams.delete(stream);
			for (const watch of [...this.#watches]) if (watch.stream === stream) this.#watches.delete(watch);
		};
		stream.on("cancelled", forget).on("error", forget);
		stream.on("data", (request: WatchRequest) => {
			const { createRequest, cancelRequest } = request as Partial<{
				createRequest: { key: Buffer; startRevision: number } | null;
				cancelRequest: { watchId: number } | null;
			}>;
			if (createRequest) this.#create(stream, createRequest);
			else if (cancelRequest) this.#cancel(stream, Number(cancelRequest.watchId));
		});
	}

	#create(stream: Stream, { key, startRevision }: { readonly key: Buffer; readonly startRevision: number }): void {
		const prefix = key.toString();
		const call = `watch ${prefix} from ${startRevision}`;
		this.calls.push(call);
		const reaction = this.react(call, stream.metadata.get("token")[0]?.toString());
		if (reaction && "silent" in reaction) return;
		if (reaction && "denied" in reaction) {
			stream.write(this.#response({ watchId: -1, created: true, canceled: true, cancelReason: reaction.denied }));
			return;
		}
		const watch = { id: this.#ids++, stream, prefix };
		stream.write(this.#response({ watchId: watch.id, created: true }));
		if (reaction && "compacted" in reaction) {
			stream.write(this.#response({ watchId: watch.id, canceled: true, compactRevision: reaction.compacted }));
			return;
		}
		const events = this.#history.filter(
			({ kv }) => Number(kv?.modRevision) >= startRevision && kv?.key.toString().startsWith(prefix),
		);
		this.#watches.add(watch);
		if (events.length > 0) stream.write(this.#response({ watchId: watch.id, events }));
	}

	#cancel(stream: Stream, id: number): void {
		for (const watch of [...this.#watches]) {
			if (watch.stream !== stream || watch.id !== id) continue;
			this.#watches.delete(watch);
			stream.write(this.#response({ watchId: id, canceled: true }));
		}
	}

	#tell(key: string, ...events: readonly WatchEvent[]): void {
		this.#history.push(...events);
		for (const { id, stream, prefix } of this.#watches) {
			if (key.startsWith(prefix)) stream.write(this.#response({ watchId: id, events }));
		}
	}

	#response(parts: Partial<WatchResponse>): WatchResponse {
		return {
			...{ header: { revision: this.#revision }, watchId: 0, created: false, canceled: false },
			...{ compactRevision: 0, cancelReason: "", fragment: false, events: [] },
			...parts,
		};
	}
}

type Done = (error: { readonly code: status; readonly details: string } | null, answer?: unknown) => void;

function keyValue(key: string, { value, modRevision }: Stored) {
	return { key: Buffer.from(key), value: Buffer.from(value), modRevision };
}
