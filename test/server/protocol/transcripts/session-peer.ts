import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../../../src/gen/envoy/service/discovery/v3/discovery.js";
import type { TypeId } from "../../../../src/resources/resource-type.js";
import { RESOURCE_TYPES, resourceType } from "../../../../src/resources/resource-types.js";
import type { Ack } from "../../../../src/server/protocol/acks/response-log.js";
import { InternedNames } from "../../../../src/server/wire/interned-names.js";
import { messageIn } from "../../../../src/server/wire/message-frame.js";
import type { Mode } from "../../../../src/server/wire/mode.js";
import { type OpenSession, openSession } from "../../open-session.js";
import { resourceOf } from "./content.js";
import { type Response, readResponse } from "./read-response.js";

/** What a client may say in a request; what is left out is empty. */
export interface Request {
	readonly type: TypeId;
	readonly nonce?: string;
	readonly version?: string;
	readonly names?: readonly string[];
	readonly unsubscribe?: readonly string[];
	readonly initialVersions?: Readonly<Record<string, string>>;
	/** Makes it a NACK. */
	readonly error?: string;
}

/** What the streams of a server share. */
export class PeerServer {
	readonly sets: ReadonlyMap<TypeId, ResourceSet> = new Map(
		RESOURCE_TYPES.map((type) => [type.id, new ResourceSet(type)]),
	);
	readonly lists = new InternedNames();
	#sequence = 0;

	nextSequence(): number {
		return ++this.#sequence;
	}
}

/** The resources, and one stream at a time with a client at its other end. Requests and responses pass as real bytes. */
export class SessionPeer {
	readonly #server: PeerServer;
	/** Milliseconds that resources live at the client; undefined for clients that know no such thing. */
	ttl: number | undefined;
	/** Names of a type that a stream may ask for. */
	maxNames = Number.POSITIVE_INFINITY;
	#open: OpenSession | undefined;
	#inUse = 0;
	#clock = 0;
	#nonces = new Set<string>();
	#announced = false;
	/** `type name version` of all that a client may have. */
	readonly #had = new Set<string>();

	/** @param server that others have their streams to, too. */
	constructor(server = new PeerServer()) {
		this.#server = server;
	}

	get mode(): Mode {
		return this.session.mode;
	}

	get isOpen(): boolean {
		return this.#open !== undefined;
	}

	/** Whether the session has said that a response is due, and not all of them were taken since. */
	get saysDue(): boolean {
		return this.#announced;
	}

	get session(): OpenSession["session"] {
		return this.#stream.session;
	}

	get #stream(): OpenSession {
		if (!this.#open) throw new Error("no stream is open");
		return this.#open;
	}

	/** How many sets are in use, and how many subscriptions they hold. */
	get held(): number {
		return [...this.#server.sets.values()].reduce((sum, set) => sum + set.subscriptions, this.#inUse);
	}

	/** Opens a stream; the one before ends, as at a reconnect. */
	open(mode: Mode): void {
		this.close();
		this.#nonces.clear();
		this.#announced = false;
		const context = {
			acquire: (type: TypeId) => {
				this.#inUse++;
				return this.set(type);
			},
			release: () => {
				this.#inUse--;
			},
			nextSequence: () => this.#server.nextSequence(),
			onDue: () => {
				this.#announced = true;
			},
			ttl: () => this.ttl,
			checkNames: (count: number) => {
				if (count > this.maxNames) throw new Error(`${count} names`);
			},
		};
		this.#open = openSession(mode, context, this.#server.lists);
	}

	close(): void {
		this.#open?.session.close();
		this.#open = undefined;
	}

	set(type: TypeId): ResourceSet {
		return this.#server.sets.get(type) as ResourceSet;
	}

	/** @returns when it was, as the server is told. */
	put(type: TypeId, name: string, content: string): number {
		this.set(type).put(resourceOf(resourceType(type), name, content), ++this.#clock);
		return this.#clock;
	}

	await(type: TypeId, name: string, overdue: boolean): void {
		this.set(type).await(name, overdue, ++this.#clock);
	}

	/** What is not there is unknown, overdue, or does not exist. */
	setOpenness(type: TypeId, openness: "closed" | "open" | "overdue"): void {
		this.set(type).setOpenness(openness, ++this.#clock);
	}

	/** @returns when it was, as the server is told. */
	remove(type: TypeId, name: string): number {
		this.set(type).remove(name, ++this.#clock);
		return this.#clock;
	}

	/** @param between called between the steps in which it is taken. @returns what the server took the request for. */
	send(request: Request, between?: (step: number) => void): Ack | undefined {
		const stream = this.#stream;
		const type = resourceType(request.type);
		const common = {
			typeUrl: type.url,
			responseNonce: request.nonce ?? "",
			...(request.error !== undefined && { errorDetail: { code: 13, message: request.error, details: [] } }),
		};
		const names = [...(request.names ?? [])];
		for (const [name, version] of Object.entries(request.initialVersions ?? {}))
			this.#had.add(`${type.id} ${name} ${version}`);
		if (this.mode === "sotw") {
			const versionInfo = request.version ?? "";
			const message = DiscoveryRequest.fromPartial({ ...common, versionInfo, resourceNames: names });
			return stream.receive(DiscoveryRequest.encode(message).finish(), between);
		}
		const message = DeltaDiscoveryRequest.fromPartial({
			...common,
			resourceNamesSubscribe: names,
			resourceNamesUnsubscribe: [...(request.unsubscribe ?? [])],
			initialResourceVersions: { ...request.initialVersions },
		});
		return stream.receive(DeltaDiscoveryRequest.encode(message).finish(), between);
	}

	/**
	 * The next response that is due.
	 * @throws if it breaks what holds for every response: a fresh nonce (R4), one type (R13), no name twice (R12), below
	 *   4 MiB where it can be split (R37), and in delta a name and version on every resource (R36); or if nobody would
	 *   have asked for it, because the session did not say that it is due, or said so where nothing is.
	 */
	next(): Response | undefined {
		const outgoing = this.session.next();
		if (!outgoing) {
			// A probe of a complete set waits until nothing else is in flight.
			for (const { isDue, stream } of this.session.subscriptions) {
				if (isDue && stream.log.inFlight === 0)
					throw new Error(`${stream.set.type.id} is due, and has nothing to send`);
			}
			this.#announced = false;
			return undefined;
		}
		if (!this.#announced) throw new Error(`${outgoing.type.id} is due, and the session did not say so`);
		const response = readResponse(this.mode, messageIn(outgoing.frame));
		if (this.#nonces.has(response.nonce)) throw new Error(`the nonce ${response.nonce} comes twice on a stream`);
		this.#nonces.add(response.nonce);
		for (const [name, version] of response.versions) {
			const had = `${response.type.id} ${name} ${version}`;
			if (!response.bodiless.has(name)) this.#had.add(had);
			else if (!this.#had.has(had)) throw new Error(`R26: a heartbeat of what was never sent: ${had}`);
		}
		return response;
	}
}
