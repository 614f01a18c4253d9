import type { Cache } from "../../cache/cache.js";
import type { Node } from "../../gen/envoy/config/core/v3/base.js";
import type { Limits } from "../../model/limits.js";
import { type ResourceType, resourceTypeByUrl } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";
import { cleanText } from "../../util/clean-text.js";
import { messageOf } from "../../util/errors.js";
import type { ClientStatus } from "../protocol/client-status.js";
import { type Received, Session } from "../protocol/session.js";
import type { Call } from "../wire/bytes-method.js";
import { decodeDeltaRequest, decodeSotwRequest } from "../wire/discovery-request.js";
import type { Mode } from "../wire/encode-response.js";
import { keptNode } from "../wire/kept-node.js";
import { KnownNames } from "../wire/known-names.js";
import type { NameLists } from "../wire/name-lists.js";
import { RequestRefused } from "../wire/request-refused.js";
import { supportsTtl } from "../wire/ttl.js";
import type { CallMessages } from "./call-messages.js";
import type { FanOut, Worker } from "./fan-out.js";
import type { MessageTransport } from "./message-transport.js";
import { MAX_SHOWN, nodeIdentity } from "./node-identity.js";
import { RequestRate } from "./request-rate.js";
import type { ServerEvents, StreamIdentity } from "./server-events.js";

/** What leads on to other resources without ADS, by the variant of the stream. */
export type PerTypeCaches = Readonly<Record<Mode, Cache>>;

/** What the streams of a server share. */
export interface StreamContext {
	readonly cache: Cache;
	/** For the resources of per-type services that lead to others; the same as on ADS unless given. */
	readonly perType?: PerTypeCaches | undefined;
	readonly fanOut: FanOut;
	readonly transport: MessageTransport;
	readonly nameLists: NameLists;
	readonly events: ServerEvents;
	/** Milliseconds that resources live at clients that know it (R26). */
	readonly ttl: number | undefined;
	/** Those that apply now. */
	limits(): Limits;
	nextSequence(): number;
}

/** One gRPC stream: one write at a time, and when that is out, the newest state. */
export class XdsStream implements Worker {
	readonly #id: number;
	readonly #call: Call;
	readonly #messages: CallMessages;
	/** The type of a per-type service; undefined on ADS. */
	readonly #only: ResourceType | undefined;
	readonly #context: StreamContext;
	readonly #connectedAt = new Date();
	readonly #session: Session;
	readonly #unknownTypes = new Set<string>();
	readonly #knownNames: KnownNames;
	readonly #rate = new RequestRate();
	/** Until the client's next request is read. */
	#rest: NodeJS.Timeout | undefined;
	#tooFast = false;
	#identity: StreamIdentity;
	#identified = false;
	#node: Node | undefined;
	#ttl: number | undefined;
	#writing = false;
	/** One for all writes of the stream. */
	readonly #onWritten = () => {
		this.#writing = false;
		if (this.#ending) this.#call.end();
		// When its turn comes again: by then more may have changed, and others are served before.
		else if (this.#session.isDue || this.#halfClosed) this.#context.fanOut.schedule(this);
	};
	#closed = false;
	#ending = false;
	#halfClosed = false;
	readonly #onClosed: () => void;

	constructor(
		id: number,
		call: Call,
		mode: Mode,
		only: ResourceType | undefined,
		context: StreamContext,
		onClosed: () => void,
	) {
		this.#id = id;
		this.#call = call;
		this.#messages = context.transport.messagesOf(call);
		this.#only = only;
		this.#context = context;
		this.#knownNames = new KnownNames(context.nameLists);
		this.#onClosed = onClosed;
		this.#identity = { node: "", stream: id, family: "envoy", userAgent: "", address: call.getPeer() };
		const cache = (only?.child && context.perType?.[mode]) || context.cache;
		this.#session = new Session(mode, {
			acquire: (type) => cache.acquire(type, this.family),
			release: (type) => cache.release(type, this.family),
			nextSequence: () => context.nextSequence(),
			ttl: () => this.#ttl,
			onDue: () => context.fanOut.schedule(this),
		});
		this.#messages.listen({
			message: (bytes) => this.#receive(bytes),
			unreadable: (reason) => this.#refuse(reason),
			ended: () => this.#halfClose(),
		});
		call.on("cancelled", () => this.#close(undefined));
		call.on("error", (error) => this.#close(error));
	}

	get family(): View {
		return this.#identity.family;
	}

	/** The other end's address and port. */
	get peer(): string {
		return this.#identity.address;
	}

	get mode(): Mode {
		return this.#session.mode;
	}

	get session(): Session {
		return this.#session;
	}

	/** Tells streams apart that have the same node. */
	get id(): number {
		return this.#id;
	}

	/** What the client said of itself, as far as it is kept; undefined until its first request, or if that has none. */
	get node(): Node | undefined {
		return this.#node;
	}

	status(): ClientStatus {
		return { ...this.#identity, connectedAt: this.#connectedAt, types: this.#session.status() };
	}

	/** Sends what is due, unless a write is under way: when that is out, its turn comes again. */
	work(): void {
		if (this.#closed || this.#writing) return;
		const outgoing = this.#session.next();
		if (!outgoing) {
			if (this.#halfClosed) void this.end();
			return;
		}
		if (outgoing.push) this.#context.events.pushed?.(outgoing.type, this.mode);
		this.#writing = true;
		this.#messages.write(outgoing.frame, this.#onWritten);
	}

	/** Ends the stream in order: after the write that is under way. Resolves when all is handed to the connection. */
	end(): Promise<void> {
		const ended = new Promise<void>((resolve) => {
			this.#call.once("finish", resolve).once("close", resolve).once("cancelled", resolve);
		});
		if (this.#ending || this.#closed) return ended;
		this.#ending = true;
		if (!this.#writing) this.#call.end();
		this.#close(undefined);
		return ended;
	}

	/** The client will say nothing more, as tools that ask once do: it gets what is due, and the stream ends. */
	#halfClose(): void {
		this.#halfClosed = true;
		this.work();
	}

	#receive(bytes: Buffer): void {
		if (this.#closed) return;
		const start = performance.now();
		try {
			const received = this.mode === "sotw" ? this.#receiveSotw(bytes) : this.#receiveDelta(bytes);
			if (received) this.#report(received);
		} catch (reason) {
			this.#refuse(reason);
		}
		const now = performance.now();
		const { requestsPerSecond } = this.#context.limits();
		const { wait, tooMany } = this.#rate.take(requestsPerSecond, bytes.byteLength, now, now - start);
		if (wait > 0) this.#slowDown(wait, tooMany);
	}

	/** What the client sends meanwhile stays with it: HTTP/2's flow control sees to that. */
	#slowDown(wait: number, tooMany: boolean): void {
		if (this.#closed || this.#halfClosed) return;
		if (tooMany && !this.#tooFast) {
			this.#tooFast = true;
			this.#context.events.limited?.(this.#identity, "requestsPerSecond");
		}
		this.#messages.pause();
		clearTimeout(this.#rest);
		this.#rest = setTimeout(() => this.#messages.resume(), wait);
	}

	#receiveSotw(bytes: Buffer): Received | undefined {
		const limits = this.#context.limits();
		const request = decodeSotwRequest(bytes, !this.#identified, this.#knownNames, limits);
		this.#identify(request.node, request.nodeBytes);
		const type = this.#typeOf(request.typeUrl);
		return type && this.#session.receiveSotw(type, request);
	}

	#receiveDelta(bytes: Buffer): Received | undefined {
		const limits = this.#context.limits();
		const request = decodeDeltaRequest(bytes, !this.#identified, limits, this.#context.nameLists);
		this.#identify(request.node, request.nodeBytes);
		const type = this.#typeOf(request.typeUrl);
		if (type && this.#session.namesAfter(type, request) > limits.names) throw RequestRefused.names(limits);
		return type && this.#session.receiveDelta(type, request);
	}

	/** R2: the first request says who it is. */
	#identify(node: Node | undefined, bytes: number): void {
		if (this.#identified) return;
		this.#identified = true;
		this.#node = node && keptNode(node, bytes);
		this.#identity = { ...this.#identity, ...nodeIdentity(node) };
		if (supportsTtl(node, this.mode, this.family)) this.#ttl = this.#context.ttl;
		this.#context.events.connected?.(this.#identity);
	}

	/** R3, R45. */
	#typeOf(url: string): ResourceType | undefined {
		if (this.#only) {
			if (url === "" || url === this.#only.url) return this.#only;
			const shown = cleanText(url, { max: MAX_SHOWN });
			throw RequestRefused.invalid(`type_url "${shown}" on a stream that serves ${this.#only.url} only`);
		}
		const type = resourceTypeByUrl(url);
		if (type) return type;
		if (url === "") {
			throw RequestRefused.invalid("a request on an aggregated stream needs a type_url");
		} else if (!this.#unknownTypes.has(url) && this.#unknownTypes.size < 100) {
			this.#unknownTypes.add(url);
			this.#context.events.unknownType?.(this.#identity, cleanText(url, { max: MAX_SHOWN }));
		}
		return undefined;
	}

	#report({ type, answer }: Received): void {
		if (!answer) return;
		const { events } = this.#context;
		if (answer.kind === "nack") events.nacked?.(this.#identity, type, answer);
		const told = answer.kind === "nack" && answer.first;
		if (answer.outcome && !told) events.searched?.(this.#identity, type, answer.outcome);
		if (answer.kind === "nack") return;
		const { since } = answer.response;
		events.acked?.(this.#identity, type, since === undefined ? undefined : (performance.now() - since) / 1_000);
	}

	/** Ends the stream with the status of what is wrong with a request; the listeners of the call do the rest. */
	#refuse(reason: unknown): void {
		const refused =
			reason instanceof RequestRefused
				? reason
				: RequestRefused.invalid(`the request cannot be read: ${messageOf(reason)}`);
		if (refused.limit) this.#context.events.limited?.(this.#identity, refused.limit);
		this.#call.emit("error", refused);
	}

	#close(error: Error | undefined): void {
		if (this.#closed) return;
		this.#closed = true;
		clearTimeout(this.#rest);
		this.#messages.close();
		this.#context.fanOut.cancel(this);
		this.#session.close();
		this.#onClosed();
		// Who has said nothing was not told of as connected.
		if (this.#identified || error) this.#context.events.disconnected?.(this.#identity, error);
	}
}
