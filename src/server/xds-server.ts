import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Cache } from "../cache/cache.js";
import type { HostPort } from "../model/host-port.js";
import { DEFAULT_LIMITS, type LimitName, type Limits, withinMemory } from "../model/limits.js";
import type { ListenAddress } from "../model/listen/listen-address.js";
import type { DiscoveryService, ResourceType } from "../resources/resource-type.js";
import { RESOURCE_TYPES } from "../resources/resource-types.js";
import { Limiter } from "../util/limiter.js";
import { memoryToUse } from "../util/memory-to-use.js";
import { inSlices } from "../util/steps.js";
import type { FollowedTls } from "../util/tls/followed-tls.js";
import { Access, type AccessSettings } from "./access/access.js";
import { Authentication } from "./access/authentication.js";
import { endAll, retire } from "./end-streams.js";
import { type GrpcServer, GrpcServices } from "./grpc-services.js";
import type { ClientStatus } from "./protocol/client-status.js";
import type { WaitingStream } from "./protocol/waiting-names.js";
import { toolServices } from "./tool-services.js";
import type { HealthService } from "./tools/health-service.js";
import { CallIdentities } from "./transport/door/call-identities.js";
import type { AlsoAddress } from "./transport/door/connections.js";
import { type ConnectionCounts, Connections } from "./transport/door/connections.js";
import { Door } from "./transport/door/door.js";
import { FanOut } from "./transport/fan-out.js";
import { beatAll, Heartbeats } from "./transport/heartbeats.js";
import type { Call } from "./transport/messages/bytes-method.js";
import { MessageTransport } from "./transport/messages/message-transport.js";
import { UnreadMessages } from "./transport/messages/unread-messages.js";
import { AllNames } from "./transport/names/all-names.js";
import { peerOf } from "./transport/peer-address.js";
import { Places } from "./transport/places.js";
import type { ServerEvents } from "./transport/server-events.js";
import type { StreamContext } from "./transport/stream-context.js";
import { DELTA_STREAM, SOTW_STREAM } from "./transport/stream-variants.js";
import { XdsStream } from "./transport/xds-stream.js";
import type { DeltaRequest, SotwRequest } from "./wire/discovery-request.js";
import { controlPlaneFields } from "./wire/encode-response.js";
import { InternedNames } from "./wire/interned-names.js";
import type { Mode } from "./wire/mode.js";
import { RpcError } from "./wire/rpc-error.js";
import type { XdsSettings } from "./xds-settings.js";

/** Milliseconds at most for all connections to end in order, once their streams have. */
const LAST_FRAMES_LIMIT_MS = 500;
/** Bytes of a request of what tools ask for, which grpc-js reads. */
const MAX_TOOL_REQUEST = 64 * 1024;

const ADS: DiscoveryService = {
	service: "envoy.service.discovery.v3.AggregatedDiscoveryService",
	sotw: "StreamAggregatedResources",
	delta: "DeltaAggregatedResources",
};

export type AnyStream = XdsStream<SotwRequest> | XdsStream<DeltaRequest>;

/** The gRPC server: ADS, the services of the single types, and what tools ask for, on one port. */
export class XdsServer {
	readonly #events: ServerEvents;
	/** From listen() on. */
	#grpc: GrpcServer | undefined;
	readonly #services = new GrpcServices();
	readonly #door: Door;
	readonly #connections: Connections;
	readonly #callers: CallIdentities;
	readonly #streams = new Map<number, AnyStream>();
	readonly #context: StreamContext;
	readonly #health: HealthService;
	readonly #heartbeats: Heartbeats | undefined;
	#limits: Limits;
	#access: Access;
	#sequence = 0;
	#lastStream = 0;

	constructor(cache: Cache, events: ServerEvents = {}, settings: XdsSettings = {}) {
		const { limits = DEFAULT_LIMITS, ttl, maxConnectionAge, perType, fanOut = new FanOut(), times } = settings;
		const { authentication = new Authentication(), identifier } = settings;
		this.#events = events;
		this.#limits = withinMemory(limits, memoryToUse());
		this.#access = new Access(settings);
		const current = () => this.#limits;
		this.#door = new Door(current, {
			limited: (address, limit) => this.#limited(address, limit),
			welcome: (stream, headers, pass) => this.#callers.welcome(stream, headers, pass),
			hasOwnTime: (path) => this.#services.isStream(path),
		});
		const unread = new UnreadMessages(current);
		const maxBytes = () => this.#limits.messageBytes;
		this.#context = {
			cache,
			perType,
			fanOut,
			transport: new MessageTransport({ maxBytes, unread, times, counterOf: (session) => this.#door.loadOf(session) }),
			internedNames: new InternedNames(),
			allNames: new AllNames(current),
			places: new Places(current),
			largeRequests: new Limiter(1),
			events,
			ttl,
			controlPlane: identifier === undefined ? undefined : controlPlaneFields(identifier),
			limits: current,
			access: () => this.#access.rules,
			identityOf: (call) => this.#callers.of(call),
			nextSequence: () => ++this.#sequence,
		};
		cache.onGroups = () => this.#context.fanOut.scheduleAll(this.streams);
		this.#connections = new Connections({
			door: this.#door,
			maxAge: maxConnectionAge,
			admit: (socket) => this.#grpc?.injector.injectConnection(socket),
			retire: (socket) => this.#retire(socket),
			busy: () => this.#context.fanOut.busy,
			failed: (error) => events.failed?.(error),
			refused: (address, reason) => events.refused?.(address, reason),
			expired: (socket, why) => void this.#retire(socket, why),
			mayLack: authentication.takesTokens,
		});
		this.#callers = new CallIdentities({
			authentication,
			connection: (stream) => this.#connections.identityOf(stream),
			refused: (address, reason) => events.unauthenticated?.(address, reason),
		});
		if (ttl) this.#heartbeats = new Heartbeats(ttl, (late) => void inSlices(beatAll(this.streams, late)));
		this.#services.addDiscovery(ADS, (call, mode) => this.#open(call, mode, undefined));
		for (const type of RESOURCE_TYPES)
			this.#services.addDiscovery(type.discovery, (call, mode) => this.#open(call, mode, type));
		const xds = [ADS, ...RESOURCE_TYPES.map(({ discovery }) => discovery)].map(({ service }) => service);
		const { health, all } = toolServices(xds, {
			streams: () => this.streams,
			access: () => this.#access,
			identityOf: (call) => this.#context.identityOf(call),
		});
		this.#health = health;
		for (const each of all) this.#services.add(each);
	}

	/**
	 * @param tls was started; it serves in clear unless it is given.
	 * @returns the address that is really bound.
	 * @throws FingerpostError LISTEN_FAILED
	 */
	async listen(address: HostPort, tls?: FollowedTls): Promise<HostPort> {
		const why = await this.#context.transport.check();
		if (why !== undefined) this.#events.throughGrpc?.(why);
		const { streamsPerConnection, messageBytes } = this.#limits;
		const maxBytes = why === undefined ? MAX_TOOL_REQUEST : messageBytes;
		this.#grpc = this.#services.createServer({ maxStreams: streamsPerConnection, maxBytes, door: this.#door });
		if (!this.#grpc.isGuarded)
			this.#events.failed?.(new Error("this version of grpc-js does not let streams be counted"));
		const bound = await this.#connections.listen(address, { tls });
		this.#heartbeats?.start();
		return bound;
	}

	/** Serves at more addresses, in clear, once it listens. An `identity` is that of who comes there. */
	listenAlso(more: readonly AlsoAddress[]): Promise<ListenAddress[]> {
		return Promise.all(more.map((each) => this.#connections.listenOpen(each)));
	}

	/** From now until it stops, health checks get SERVING. */
	ready(): void {
		this.#health.setServing(true);
	}

	/**
	 * Applies new limits and rules. Open connections keep their limit of streams, which they were told when they connected;
	 * open streams take other rules over in their turn, before they send anything.
	 */
	apply({ limits = DEFAULT_LIMITS, ...access }: Pick<XdsSettings, "limits"> & AccessSettings): void {
		this.#limits = withinMemory(limits, memoryToUse());
		const { rules } = this.#access;
		this.#access = new Access(access, this.#access);
		if (this.#access.rules === rules) return;
		this.#context.fanOut.scheduleAll(this.streams);
	}

	clients(): ClientStatus[] {
		return [...this.eachClient()];
	}

	/** By stream; each is looked at when it is reached, as there may be many. */
	*eachClient(): Iterable<ClientStatus> {
		for (const stream of this.streams) yield stream.status();
	}

	/** By their numbers. */
	get streams(): Iterable<AnyStream> {
		return this.#streams.values();
	}

	/** Those that may lack something; all others have ACKed all that they ask for. */
	get unsettledStreams(): Iterable<WaitingStream> {
		return this.#context.fanOut.unsettled;
	}

	/** The stream of that number, as long as it lasts. */
	stream(id: number): AnyStream | undefined {
		return this.#streams.get(id);
	}

	/** How many connections wait to be set up, and how many were refused (see Admission). */
	connections(): ConnectionCounts {
		return this.#connections.counts;
	}

	/**
	 * Ends all streams in order, then closes the connections.
	 * @param limit milliseconds to wait for clients that do not read. Default 3000.
	 */
	async stop(limit = 3_000): Promise<void> {
		this.#heartbeats?.stop();
		this.#door.stop();
		this.#connections.close();
		this.#callers.stop();
		this.#health.stop();
		const ended = endAll(this.streams);
		const timeUp = new AbortController();
		await Promise.race([ended, delay(limit, undefined, { signal: timeUp.signal }).catch(() => {})]);
		timeUp.abort();
		this.#grpc?.injector.drain(LAST_FRAMES_LIMIT_MS);
		await this.#connections.closed(LAST_FRAMES_LIMIT_MS);
		this.#grpc?.server.forceShutdown();
		this.#connections.destroy();
	}

	#limited(address: string, limit: LimitName): void {
		this.#events.limited?.({ node: "", stream: 0, family: "envoy", userAgent: "", address }, limit);
	}

	#retire(socket: Socket, why?: string): Promise<void> {
		const peer = peerOf(socket);
		const streams = [...this.streams].filter((stream) => stream.peer === peer);
		return retire(socket, streams, why === undefined ? undefined : RpcError.unauthenticated(why));
	}

	#open(call: Call, mode: Mode, only: ResourceType | undefined): void {
		const id = ++this.#lastStream;
		this.#connections.arrived(call.getPeer());
		const onClosed = () => this.#streams.delete(id);
		const stream: AnyStream =
			mode === "sotw"
				? new XdsStream(id, call, SOTW_STREAM, only, this.#context, onClosed)
				: new XdsStream(id, call, DELTA_STREAM, only, this.#context, onClosed);
		this.#streams.set(id, stream);
		this.#callers.whenEnded(call, (why) => stream.expel(why));
	}
}
