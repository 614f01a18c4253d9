import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import {
	type ChannelOptions,
	type ConnectionInjector,
	type MethodDefinition,
	Server,
	ServerCredentials,
	type ServiceDefinition,
	type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Cache } from "../cache/cache.js";
import type { ResourceProblem } from "../cache/resource-problem.js";
import { formatHostPort, type HostPort } from "../model/host-port.js";
import { DEFAULT_LIMITS, type LimitName, type Limits, withinMemory } from "../model/limits.js";
import type { DiscoveryService, ResourceType, TypeId } from "../resources/resource-type.js";
import { RESOURCE_TYPES } from "../resources/resource-types.js";
import { FingerpostError, messageOf } from "../util/errors.js";
import { Limiter } from "../util/limiter.js";
import { memoryToUse } from "../util/memory-to-use.js";
import type { ClientStatus } from "./protocol/client-status.js";
import { nackedBy, withAckedBy } from "./protocol/nacked-by.js";
import { clientStatusService } from "./tools/client-status-service.js";
import type { GrpcService } from "./tools/grpc-service.js";
import { HealthService } from "./tools/health-service.js";
import { REFLECTION_SERVICES, reflectionServices } from "./tools/reflection-service.js";
import { Admission } from "./transport/door/admission.js";
import { ConnectionAge } from "./transport/door/connection-age.js";
import { Door } from "./transport/door/door.js";
import { http2ServerOf, tightenHttp2 } from "./transport/door/http2-server.js";
import { FanOut } from "./transport/fan-out.js";
import { Heartbeats } from "./transport/heartbeats.js";
import { bytesMethod, type Call } from "./transport/messages/bytes-method.js";
import type { MessageTimes } from "./transport/messages/direct-messages.js";
import { MessageTransport } from "./transport/messages/message-transport.js";
import { UnreadMessages } from "./transport/messages/unread-messages.js";
import { AllNames } from "./transport/names/all-names.js";
import { peerOf } from "./transport/peer-address.js";
import type { ServerEvents } from "./transport/server-events.js";
import { DELTA_STREAM, SOTW_STREAM } from "./transport/stream-variants.js";
import { type PerTypeCaches, type StreamContext, XdsStream } from "./transport/xds-stream.js";
import type { DeltaRequest, SotwRequest } from "./wire/discovery-request.js";
import { InternedNames } from "./wire/interned-names.js";
import type { Mode } from "./wire/mode.js";

/** Connections that may wait to be accepted: after a restart everybody reconnects at once. */
const BACKLOG = 4_096;
/** Milliseconds for the last frames of ended streams to leave the process. */
const LAST_FRAMES_MS = 50;
/** Streams ended in a turn of the event loop at a stop. */
const ENDED_A_TURN = 32;
/** Milliseconds for the streams of an old connection to end, if its client does not read. */
const RETIRE_LIMIT_MS = 3_000;
/** Bytes of a request of what tools ask for, which grpc-js reads. */
const MAX_TOOL_REQUEST = 64 * 1024;

const CHANNEL_OPTIONS: ChannelOptions = {
	"grpc.max_send_message_length": -1,
	// A half-open connection ends within 40 s.
	"grpc.keepalive_time_ms": 30_000,
	"grpc.keepalive_timeout_ms": 10_000,
	// A connection without a stream, even if it answers pings: clients reconnect when they need to.
	"grpc.max_connection_idle_ms": 300_000,
	"grpc.enable_channelz": 0,
};

const ADS: DiscoveryService = {
	service: "envoy.service.discovery.v3.AggregatedDiscoveryService",
	sotw: "StreamAggregatedResources",
	delta: "DeltaAggregatedResources",
};

export interface XdsSettings {
	/** Limits on what one client may ask for. */
	readonly limits?: Limits | undefined;
	/**
	 * Time to live of clusters, listeners and routes in milliseconds, for clients that support it
	 * (R26); 0 is for ever.
	 */
	readonly ttl?: number | undefined;
	/**
	 * Milliseconds, give or take a tenth, after which a connection is ended in order. Default: never.
	 */
	readonly maxConnectionAge?: number | undefined;
	/** What clients of the per-type services get where that leads to other resources; what ADS has unless given. */
	readonly perType?: PerTypeCaches | undefined;
	/** What takes longer ends its stream. */
	readonly times?: MessageTimes | undefined;
}

export interface ConnectionCounts {
	readonly waiting: number;
	/** Since the start. */
	readonly refused: number;
}

type AnyStream = XdsStream<SotwRequest> | XdsStream<DeltaRequest>;

/** The gRPC server: ADS, the services of the single types, and what tools ask for, on one port. */
export class XdsServer {
	readonly #events: ServerEvents;
	/** From listen() on. */
	#grpc: { readonly server: Server; readonly injector: ConnectionInjector } | undefined;
	readonly #services: [ServiceDefinition, UntypedServiceImplementation][] = [];
	/** Of methods whose clients send a stream. */
	readonly #streamPaths = new Set<string>();
	readonly #door: Door;
	// Nothing is read from a connection until it is admitted.
	readonly #listener = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
	readonly #admission: Admission;
	readonly #sockets = new Set<Socket>();
	readonly #streams = new Set<AnyStream>();
	readonly #context: StreamContext;
	readonly #health: HealthService;
	readonly #heartbeats: Heartbeats | undefined;
	readonly #ages: ConnectionAge | undefined;
	#limits: Limits;
	#sequence = 0;
	#lastStream = 0;

	constructor(cache: Cache, events: ServerEvents = {}, settings: XdsSettings = {}) {
		const { limits = DEFAULT_LIMITS, ttl, maxConnectionAge, perType, times } = settings;
		this.#events = events;
		this.#limits = withinMemory(limits, memoryToUse());
		const current = () => this.#limits;
		this.#door = new Door(current, {
			limited: (address, limit) => this.#limited(address, limit),
			hasOwnTime: (path) => this.#streamPaths.has(path),
		});
		const unread = new UnreadMessages(current);
		const maxBytes = () => this.#limits.messageBytes;
		this.#context = {
			cache,
			perType,
			fanOut: new FanOut(),
			transport: new MessageTransport({
				maxBytes,
				unread,
				times,
				came: (session, bytes) => this.#door.message(session, bytes),
			}),
			internedNames: new InternedNames(),
			allNames: new AllNames(current),
			largeRequests: new Limiter(1),
			events,
			ttl,
			limits: current,
			nextSequence: () => ++this.#sequence,
		};
		this.#admission = new Admission({
			admit: (socket) => this.#admit(socket),
			busy: () => this.#context.fanOut.busy,
			refusing: () => events.failed?.(tooManyConnections()),
		});
		if (maxConnectionAge) this.#ages = new ConnectionAge(maxConnectionAge, (socket) => void this.#retire(socket));
		if (ttl) this.#heartbeats = new Heartbeats(ttl, (late) => this.#beat(late));
		this.#addService(ADS);
		for (const type of RESOURCE_TYPES) this.#addService(type.discovery, type);
		const clientStatus = clientStatusService(() => this.#streams);
		const xds = [ADS, ...RESOURCE_TYPES.map(({ discovery }) => discovery)].map(({ service }) => service);
		const names = [...xds, clientStatus.name];
		this.#health = new HealthService(names);
		names.push(this.#health.name, clientStatus.name, ...REFLECTION_SERVICES);
		const others: readonly GrpcService[] = [this.#health, clientStatus, ...reflectionServices(names.sort())];
		for (const { definition, implementation } of others) {
			this.#services.push([definition, implementation]);
			for (const { path, requestStream } of Object.values(definition)) if (requestStream) this.#streamPaths.add(path);
		}
	}

	/**
	 * @returns the address that is really bound.
	 * @throws FingerpostError LISTEN_FAILED
	 */
	async listen(address: HostPort): Promise<HostPort> {
		const { host, port } = address;
		const why = await this.#context.transport.check();
		if (why !== undefined) this.#events.throughGrpc?.(why);
		this.#grpc = this.#createGrpc(why === undefined ? MAX_TOOL_REQUEST : this.#limits.messageBytes);
		await new Promise<void>((resolve, reject) => {
			this.#listener.once("error", (error) => reject(listenFailed(address, error)));
			this.#listener.listen({ host, port, backlog: BACKLOG }, resolve);
		});
		// Such as EMFILE on accept: the server goes on.
		this.#listener.removeAllListeners("error").on("error", (error) => this.#events.failed?.(error));
		this.#heartbeats?.start();
		return { host, port: (this.#listener.address() as AddressInfo).port };
	}

	/** From now until it stops, health checks get SERVING. */
	ready(): void {
		this.#health.setServing(true);
	}

	/**
	 * Applies new limits. Open connections keep their limit of streams, which they were told when
	 * they connected.
	 */
	setLimits(limits: Limits): void {
		this.#limits = withinMemory(limits, memoryToUse());
	}

	clients(): ClientStatus[] {
		return [...this.eachClient()];
	}

	/** By stream; each is looked at when it is reached, as there may be many. */
	*eachClient(): Iterable<ClientStatus> {
		for (const stream of this.#streams) yield stream.status();
	}

	/** What clients reject now, in steps for inSlices(). @param only the name that is looked for. */
	nacked(only?: string): Generator<"", readonly ResourceProblem[]> {
		return nackedBy(this.#streams, only);
	}

	/** The same with the numbers of clients that have ACKed it. */
	*nackedAndAcked(only?: string): Generator<"", readonly ResourceProblem[]> {
		return yield* withAckedBy(this.#streams, yield* nackedBy(this.#streams, only));
	}

	/** How many connections wait to be set up, and how many were refused (see Admission). */
	connections(): ConnectionCounts {
		const { waiting, refused } = this.#admission;
		return { waiting, refused };
	}

	/** How many streams have asked for each type, by mode. */
	streamCounts(): ReadonlyMap<TypeId, Readonly<Record<Mode, number>>> {
		const counts = new Map<TypeId, Record<Mode, number>>();
		for (const { mode, session } of this.#streams) {
			for (const type of session.types) {
				const count = counts.get(type) ?? { sotw: 0, delta: 0 };
				count[mode]++;
				counts.set(type, count);
			}
		}
		return counts;
	}

	/**
	 * Ends all streams in order, then closes the connections.
	 * @param limit milliseconds to wait for clients that do not read. Default 3000.
	 */
	async stop(limit = 3_000): Promise<void> {
		this.#heartbeats?.stop();
		this.#ages?.stop();
		this.#door.stop();
		this.#listener.close();
		this.#admission.stop();
		this.#health.stop();
		const ended = this.#endAll();
		const timeUp = new AbortController();
		await Promise.race([ended, delay(limit, undefined, { signal: timeUp.signal }).catch(() => {})]);
		timeUp.abort();
		if (this.#sockets.size > 0) await delay(LAST_FRAMES_MS);
		this.#grpc?.server.forceShutdown();
		// grpc-js leaves a connection open until its peer has read everything.
		for (const socket of this.#sockets) socket.destroy();
	}

	/**
	 * A few in each turn. The end of a stream takes some turns to leave the process; if all were
	 * ended at once, thousands of connections would be closed before theirs has left.
	 */
	async #endAll(): Promise<void> {
		const ended: Promise<void>[] = [];
		for (const stream of this.#streams) {
			ended.push(stream.end());
			if (ended.length % ENDED_A_TURN === 0) await turn();
		}
		await Promise.all(ended);
	}

	/** @param maxBytes of a request that grpc-js reads itself. */
	#createGrpc(maxBytes: number): { readonly server: Server; readonly injector: ConnectionInjector } {
		const server = new Server({
			...CHANNEL_OPTIONS,
			"grpc.max_concurrent_streams": this.#limits.streamsPerConnection,
			"grpc.max_receive_message_length": maxBytes,
		});
		for (const [definition, implementation] of this.#services) server.addService(definition, implementation);
		const isTight = tightenHttp2(server);
		const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
		const http2 = http2ServerOf(server);
		if (http2) this.#door.guard(http2);
		if (!http2 || !isTight) this.#events.failed?.(new Error("this version of grpc-js does not let streams be counted"));
		return { server, injector };
	}

	#limited(address: string, limit: LimitName): void {
		this.#events.limited?.({ node: "", stream: 0, family: "envoy", userAgent: "", address }, limit);
	}

	#accept(socket: Socket): void {
		if (!this.#door.admits(socket)) {
			socket.destroy();
			return;
		}
		this.#sockets.add(socket);
		socket.once("close", () => this.#sockets.delete(socket));
		// The close that follows is enough.
		socket.on("error", () => {});
		this.#admission.add(socket);
	}

	#admit(socket: Socket): void {
		this.#ages?.watch(socket.setNoDelay(true));
		this.#grpc?.injector.injectConnection(socket);
		socket.resume();
	}

	/**
	 * Ends the streams of the connection in order, then the connection. The client reconnects,
	 * perhaps to another replica.
	 */
	async #retire(socket: Socket): Promise<void> {
		const peer = peerOf(socket);
		const streams = [...this.#streams].filter((stream) => stream.peer === peer);
		await Promise.race([
			Promise.all(streams.map((stream) => stream.end())),
			delay(RETIRE_LIMIT_MS, undefined, { ref: false }),
		]);
		await delay(LAST_FRAMES_MS);
		socket.destroySoon();
	}

	#beat(late: boolean): void {
		for (const { session } of this.#streams) session.heartbeat(late);
	}

	/** @param only what its streams may ask for; every type unless given. */
	#addService(discovery: DiscoveryService, only?: ResourceType): void {
		const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {};
		const implementation: UntypedServiceImplementation = {};
		for (const mode of ["sotw", "delta"] as const) {
			const method = discovery[mode];
			const path = `/${discovery.service}/${method}`;
			this.#streamPaths.add(path);
			definition[method] = bytesMethod(path);
			implementation[method] = (call: Call) => this.#open(call, mode, only);
		}
		this.#services.push([definition as ServiceDefinition, implementation]);
	}

	#open(call: Call, mode: Mode, only: ResourceType | undefined): void {
		const id = ++this.#lastStream;
		this.#admission.arrived(call.getPeer());
		const onClosed = () => this.#streams.delete(stream);
		const stream: AnyStream =
			mode === "sotw"
				? new XdsStream(id, call, SOTW_STREAM, only, this.#context, onClosed)
				: new XdsStream(id, call, DELTA_STREAM, only, this.#context, onClosed);
		this.#streams.add(stream);
	}
}

function listenFailed(address: HostPort, cause: Error): FingerpostError {
	const inUse = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
	const why = inUse ? "the port is in use; choose another with --xds-listen" : messageOf(cause);
	return new FingerpostError("LISTEN_FAILED", `cannot listen for xDS on ${formatHostPort(address)}: ${why}`, { cause });
}

function tooManyConnections(): Error {
	return new Error("connections come faster than they can be set up; those who cannot wait are refused and come again");
}
