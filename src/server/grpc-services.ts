import {
	type ChannelOptions,
	type ConnectionInjector,
	type MethodDefinition,
	Server,
	ServerCredentials,
	type ServiceDefinition,
	type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { DiscoveryService } from "../resources/resource-type.js";
import type { GrpcService } from "./tools/grpc-service.js";
import type { Door } from "./transport/door/door.js";
import { http2ServerOf, tightenHttp2 } from "./transport/door/http2-server.js";
import { bytesMethod, type Call } from "./transport/messages/bytes-method.js";
import type { Mode } from "./wire/mode.js";

const CHANNEL_OPTIONS: ChannelOptions = {
	"grpc.max_send_message_length": -1,
	// A half-open connection ends within 40 s.
	"grpc.keepalive_time_ms": 30_000,
	"grpc.keepalive_timeout_ms": 10_000,
	// A connection without a stream, even if it answers pings: clients reconnect when they need to.
	"grpc.max_connection_idle_ms": 300_000,
	"grpc.enable_channelz": 0,
};

export interface GrpcServerOptions {
	/** Streams of a connection. */
	readonly maxStreams: number;
	/** Bytes of a request that grpc-js reads itself. */
	readonly maxBytes: number;
	readonly door: Door;
}

export interface GrpcServer {
	readonly server: Server;
	readonly injector: ConnectionInjector;
	/** Whether the door can count its streams. */
	readonly isGuarded: boolean;
}

/** The services that a server offers, and the grpc-js server that has them. */
export class GrpcServices {
	readonly #services: [ServiceDefinition, UntypedServiceImplementation][] = [];
	/** Of methods whose clients send a stream. */
	readonly #streamPaths = new Set<string>();

	isStream(path: string): boolean {
		return this.#streamPaths.has(path);
	}

	add({ definition, implementation }: GrpcService): void {
		this.#services.push([definition, implementation]);
		for (const { path, requestStream } of Object.values(definition)) if (requestStream) this.#streamPaths.add(path);
	}

	addDiscovery(discovery: DiscoveryService, open: (call: Call, mode: Mode) => void): void {
		const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {};
		const implementation: UntypedServiceImplementation = {};
		for (const mode of ["sotw", "delta"] as const) {
			const method = discovery[mode];
			const path = `/${discovery.service}/${method}`;
			this.#streamPaths.add(path);
			definition[method] = bytesMethod(path);
			implementation[method] = (call: Call) => open(call, mode);
		}
		this.#services.push([definition as ServiceDefinition, implementation]);
	}

	createServer({ maxStreams, maxBytes, door }: GrpcServerOptions): GrpcServer {
		const server = new Server({
			...CHANNEL_OPTIONS,
			"grpc.max_concurrent_streams": maxStreams,
			"grpc.max_receive_message_length": maxBytes,
		});
		for (const [definition, implementation] of this.#services) server.addService(definition, implementation);
		const isTight = tightenHttp2(server);
		const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
		const http2 = http2ServerOf(server);
		if (http2) door.guard(http2);
		return { server, injector, isGuarded: http2 !== undefined && isTight };
	}
}
