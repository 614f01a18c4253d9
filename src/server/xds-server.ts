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
import { DEFAULT_LIMITS, type Limits } from "../model/limits.js";
import { type ResourceType, resourceType, type TypeId } from "../resources/resource-type.js";
import { FingerpostError, messageOf } from "../util/errors.js";
import type { ClientStatus } from "./protocol/client-status.js";
import { rejections } from "./protocol/rejections.js";
import { clientStatusService } from "./tools/client-status-service.js";
import type { GrpcService } from "./tools/grpc-service.js";
import { HealthService } from "./tools/health-service.js";
import { REFLECTION_SERVICES, reflectionServices } from "./tools/reflection-service.js";
import { Admission, peerOf } from "./transport/admission.js";
import { ConnectionAge } from "./transport/connection-age.js";
import { FanOut } from "./transport/fan-out.js";
import { Heartbeats } from "./transport/heartbeats.js";
import { MessageTransport } from "./transport/message-transport.js";
import type { ServerEvents } from "./transport/server-events.js";
import { type PerTypeCaches, type StreamContext, XdsStream } from "./transport/xds-stream.js";
import { bytesMethod, type Call } from "./wire/bytes-method.js";
import type { Mode } from "./wire/encode-response.js";
import { NameLists } from "./wire/name-lists.js";
import { RequestRefused } from "./wire/request-refused.js";

/** Connections that wait to be accepted: everybody reconnects at once after a restart. */
const BACKLOG = 4_096;
/** How long the last frames of ended streams have to leave the process. */
const LAST_FRAMES_MS = 50;
/** Streams that are ended in a turn of the event loop at a stop. */
const ENDED_A_TURN = 32;
/** How long a connection that is of age is waited for where its client does not read. */
const RETIRE_LIMIT_MS = 3_000;
/** A reconnect request grows with the number of resources (R37). */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

const CHANNEL_OPTIONS: ChannelOptions = {
	"grpc.max_receive_message_length": MAX_REQUEST_BYTES,
	"grpc.max_send_message_length": -1,
	// A half-open connection ends within 40 s.
	"grpc.keepalive_time_ms": 30_000,
	"grpc.keepalive_timeout_ms": 10_000,
	// A connection without a stream, although it answers pings: clients connect again when they need to.
	"grpc.max_connection_idle_ms": 300_000,
	"grpc.enable_channelz": 0,
};

const SERVICES: readonly {
	readonly service: string;
	readonly sotw: string;
	readonly delta: string;
	readonly only?: TypeId;
}[] = [
	{
		service: "discovery.v3.AggregatedDiscoveryService",
		sotw: "StreamAggregatedResources",
		delta: "DeltaAggregatedResources",
	},
	{ service: "cluster.v3.ClusterDiscoveryService", sotw: "StreamClusters", delta: "DeltaClusters", only: "cds" },
	{ service: "endpoint.v3.EndpointDiscoveryService", sotw: "StreamEndpoints", delta: "DeltaEndpoints", only: "eds" },
	{ service: "listener.v3.ListenerDiscoveryService", sotw: "StreamListeners", delta: "DeltaListeners", only: "lds" },
	{ service: "route.v3.RouteDiscoveryService", sotw: "StreamRoutes", delta: "DeltaRoutes", only: "rds" },
];

export interface XdsSettings {
	/** What one client may ask for. */
	readonly limits?: Limits | undefined;
	/** Milliseconds that clusters, listeners and routes live at clients that know it (R26); 0 is for ever. */
	readonly ttl?: number | undefined;
	/** Milliseconds, a tenth more or less, after which a connection is ended in order; never unless given. */
	readonly maxConnectionAge?: number | undefined;
	/** What clients of the per-type services get where that leads to other resources; what ADS has unless given. */
	readonly perType?: PerTypeCaches | undefined;
}

export interface ConnectionCounts {
	readonly waiting: number;
	/** Since the start. */
	readonly refused: number;
}

/** The gRPC server: ADS, the services of the single types, and what tools ask for, on one port. */
export class XdsServer {
	readonly #events: ServerEvents;
	readonly #server: Server;
	readonly #injector: ConnectionInjector;
	// Nothing is read of a connection until it is admitted.
	readonly #listener = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
	readonly #admission: Admission;
	readonly #sockets = new Set<Socket>();
	readonly #streams = new Set<XdsStream>();
	readonly #context: StreamContext;
	readonly #health: HealthService;
	readonly #heartbeats: Heartbeats | undefined;
	readonly #ages: ConnectionAge | undefined;
	#limits: Limits;
	#sequence = 0;
	#lastStream = 0;

	constructor(cache: Cache, events: ServerEvents = {}, settings: XdsSettings = {}) {
		const { limits = DEFAULT_LIMITS, ttl, maxConnectionAge, perType } = settings;
		this.#events = events;
		this.#limits = limits;
		this.#context = {
			cache,
			perType,
			fanOut: new FanOut(),
			transport: new MessageTransport(MAX_REQUEST_BYTES),
			nameLists: new NameLists(),
			events,
			ttl,
			limits: () => this.#limits,
			nextSequence: () => ++this.#sequence,
		};
		this.#admission = new Admission({
			admit: (socket) => this.#admit(socket),
			busy: () => this.#context.fanOut.busy,
			refusing: () => events.failed?.(tooManyConnections()),
		});
		if (maxConnectionAge) this.#ages = new ConnectionAge(maxConnectionAge, (socket) => void this.#retire(socket));
		if (ttl) this.#heartbeats = new Heartbeats(ttl, (late) => this.#beat(late));
		this.#server = new Server({ ...CHANNEL_OPTIONS, "grpc.max_concurrent_streams": limits.streamsPerConnection });
		this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
		for (const { service, sotw, delta, only } of SERVICES) this.#addService(service, { sotw, delta }, only);
		const clientStatus = clientStatusService(() => this.#streams);
		const names = [...SERVICES.map(({ service }) => `envoy.service.${service}`), clientStatus.name];
		this.#health = new HealthService(names);
		names.push(this.#health.name, ...REFLECTION_SERVICES);
		const others: readonly GrpcService[] = [this.#health, clientStatus, ...reflectionServices(names.sort())];
		for (const { definition, implementation } of others) this.#server.addService(definition, implementation);
	}

	/**
	 * @returns the address that is really bound.
	 * @throws FingerpostError LISTEN_FAILED
	 */
	async listen(address: HostPort): Promise<HostPort> {
		const { host, port } = address;
		const why = await this.#context.transport.check();
		if (why !== undefined) this.#events.throughGrpc?.(why);
		await new Promise<void>((resolve, reject) => {
			this.#listener.once("error", (error) => reject(listenFailed(address, error)));
			this.#listener.listen({ host, port, backlog: BACKLOG }, resolve);
		});
		// Such as EMFILE on accept: the server goes on.
		this.#listener.removeAllListeners("error").on("error", (error) => this.#events.failed?.(error));
		this.#heartbeats?.start();
		return { host, port: (this.#listener.address() as AddressInfo).port };
	}

	/** From now on health checks find it serving, until it stops; before it is in use, they do not. */
	ready(): void {
		this.#health.setServing(true);
	}

	/** From now on these apply; that of streams per connection was told to clients when they connected, and stays. */
	setLimits(limits: Limits): void {
		this.#limits = limits;
	}

	clients(): ClientStatus[] {
		return [...this.#streams].map((stream) => stream.status());
	}

	/** What clients reject at present. */
	rejections(): Iterable<ResourceProblem> {
		return rejections(this.#streams);
	}

	/** How many connections wait to be set up, and how many were refused because others waited (see Admission). */
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
	 * Ends all streams in order, then closes the connections. Who does not read what was sent before is waited for no
	 * longer than the limit in milliseconds.
	 */
	async stop(limit = 3_000): Promise<void> {
		this.#heartbeats?.stop();
		this.#ages?.stop();
		this.#listener.close();
		this.#admission.stop();
		this.#health.stop();
		const ended = this.#endAll();
		const timeUp = new AbortController();
		await Promise.race([ended, delay(limit, undefined, { signal: timeUp.signal }).catch(() => {})]);
		timeUp.abort();
		if (this.#sockets.size > 0) await delay(LAST_FRAMES_MS);
		this.#server.forceShutdown();
		// The library leaves a connection open until its peer has read everything.
		for (const socket of this.#sockets) socket.destroy();
	}

	/**
	 * A few at a turn: the end of a stream is on its way for some turns after it is handed over, and were all handed over at
	 * once, thousands of connections would be closed before theirs has left.
	 */
	async #endAll(): Promise<void> {
		const ended: Promise<void>[] = [];
		for (const stream of this.#streams) {
			ended.push(stream.end());
			if (ended.length % ENDED_A_TURN === 0) await turn();
		}
		await Promise.all(ended);
	}

	#accept(socket: Socket): void {
		this.#sockets.add(socket);
		socket.once("close", () => this.#sockets.delete(socket));
		// Its close, which follows, says all there is to say.
		socket.on("error", () => {});
		this.#admission.add(socket);
	}

	#admit(socket: Socket): void {
		this.#ages?.watch(socket.setNoDelay(true));
		this.#injector.injectConnection(socket);
		socket.resume();
	}

	/** Ends the connection as at a stop: its streams in order, then it. The client comes back, perhaps to another replica. */
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

	#addService(service: string, methods: Readonly<Record<Mode, string>>, only: TypeId | undefined): void {
		const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {};
		const implementation: UntypedServiceImplementation = {};
		const type = only && resourceType(only);
		for (const mode of ["sotw", "delta"] as const) {
			const method = methods[mode];
			definition[method] = bytesMethod(`/envoy.service.${service}/${method}`);
			implementation[method] = (call: Call) => this.#open(call, mode, type);
		}
		this.#server.addService(definition as ServiceDefinition, implementation);
	}

	#open(call: Call, mode: Mode, only: ResourceType | undefined): void {
		const id = ++this.#lastStream;
		this.#admission.arrived(call.getPeer());
		if (this.#streams.size >= this.#limits.streams) {
			const stream = { node: "", stream: id, family: "envoy", userAgent: "", address: call.getPeer() } as const;
			this.#events.limited?.(stream, "streams");
			call.emit("error", RequestRefused.streams(this.#limits));
			return;
		}
		const stream: XdsStream = new XdsStream(id, call, mode, only, this.#context, () => this.#streams.delete(stream));
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
