import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../../../src/gen/envoy/service/discovery/v3/discovery.js";
import { DEFAULT_LIMITS } from "../../../../src/model/limits.js";
import {
	RESOURCE_TYPES,
	resourceType,
	resourceTypeByUrl,
	type TypeId,
} from "../../../../src/resources/resource-type.js";
import type { Ack } from "../../../../src/server/protocol/response-log.js";
import { Session } from "../../../../src/server/protocol/session.js";
import { decodeDeltaRequest, decodeSotwRequest } from "../../../../src/server/wire/discovery-request.js";
import { messageIn } from "../../../../src/server/wire/message-frame.js";
import type { Mode } from "../../../../src/server/wire/mode.js";
import { InternedNames } from "../../../../src/server/wire/names/interned-names.js";
import { LastNames } from "../../../../src/server/wire/names/last-names.js";
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
	#session: Session | undefined;
	#inUse = 0;
	#clock = 0;
	#nonces = new Set<string>();
	#lastNames: LastNames;
	/** `type name version` of all that a client may have. */
	readonly #had = new Set<string>();

	/** @param server that others have their streams to, too. */
	constructor(server = new PeerServer()) {
		this.#server = server;
		this.#lastNames = new LastNames(server.lists);
	}

	get mode(): Mode {
		return this.session.mode;
	}

	get isOpen(): boolean {
		return this.#session !== undefined;
	}

	get session(): Session {
		if (!this.#session) throw new Error("no stream is open");
		return this.#session;
	}

	/** How many sets are in use, and how many subscriptions they hold. */
	get held(): number {
		return [...this.#server.sets.values()].reduce((sum, set) => sum + set.subscriptions, this.#inUse);
	}

	/** Opens a stream; the one before ends, as at a reconnect. */
	open(mode: Mode): void {
		this.close();
		this.#nonces.clear();
		this.#lastNames = new LastNames(this.#server.lists);
		this.#session = new Session(mode, {
			acquire: (type) => {
				this.#inUse++;
				return this.set(type);
			},
			release: () => {
				this.#inUse--;
			},
			nextSequence: () => this.#server.nextSequence(),
			onDue: () => {},
			ttl: () => this.ttl,
		});
	}

	close(): void {
		this.#session?.close();
		this.#session = undefined;
	}

	set(type: TypeId): ResourceSet {
		return this.#server.sets.get(type) as ResourceSet;
	}

	put(type: TypeId, name: string, content: string): void {
		this.set(type).put(resourceOf(resourceType(type), name, content), ++this.#clock);
	}

	await(type: TypeId, name: string, overdue: boolean): void {
		this.set(type).await(name, overdue, ++this.#clock);
	}

	remove(type: TypeId, name: string): void {
		this.set(type).remove(name, ++this.#clock);
	}

	/** @returns what the server took the request for. */
	send(request: Request): Ack | undefined {
		const { session } = this;
		const type = resourceType(request.type);
		const common = {
			typeUrl: type.url,
			responseNonce: request.nonce ?? "",
			...(request.error !== undefined && { errorDetail: { code: 13, message: request.error, details: [] } }),
		};
		const names = [...(request.names ?? [])];
		for (const [name, version] of Object.entries(request.initialVersions ?? {}))
			this.#had.add(`${type.id} ${name} ${version}`);
		if (session.mode === "sotw") {
			const versionInfo = request.version ?? "";
			const message = DiscoveryRequest.fromPartial({ ...common, versionInfo, resourceNames: names });
			const decoded = decodeSotwRequest(DiscoveryRequest.encode(message).finish(), true, this.#lastNames);
			return session.receiveSotw(typeOf(decoded.typeUrl), decoded).answer;
		}
		const message = DeltaDiscoveryRequest.fromPartial({
			...common,
			resourceNamesSubscribe: names,
			resourceNamesUnsubscribe: [...(request.unsubscribe ?? [])],
			initialResourceVersions: { ...request.initialVersions },
		});
		const bytes = DeltaDiscoveryRequest.encode(message).finish();
		const decoded = decodeDeltaRequest(bytes, true, DEFAULT_LIMITS, this.#server.lists);
		return session.receiveDelta(typeOf(decoded.typeUrl), decoded).answer;
	}

	/**
	 * The next response that is due.
	 * @throws if it breaks what holds for every response: a fresh nonce (R4), one type (R13), no name twice (R12), below
	 *   4 MiB where it can be split (R37), and in delta a name and version on every resource (R36).
	 */
	next(): Response | undefined {
		const outgoing = this.session.next();
		if (!outgoing) return undefined;
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

function typeOf(url: string) {
	const type = resourceTypeByUrl(url);
	if (!type) throw new Error(`no type ${url}`);
	return type;
}
