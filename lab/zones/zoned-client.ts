import { Envoy } from "../envoy.js";
import { envoyBootstrap, type Mode } from "../envoy-bootstrap.js";
import type { ClientProgram } from "../grpc-clients.js";
import { GrpcXdsClient } from "../grpc-xds-client.js";
import { burst, Load, type LoadResult } from "../load.js";

/** A client in a zone, of either family. */
export interface ZonedClient extends AsyncDisposable {
	/** An Envoy is asked one after another, a gRPC client calls four at a time. */
	calls(service: string, count: number): Promise<LoadResult>;
	startLoad(service: string): Promise<void>;
	/** What the load has counted so far. */
	readLoad(service: string): Promise<LoadResult>;
	stopLoad(service: string): Promise<LoadResult>;
}

/** Starts a client of the Fingerpost on that port. */
export type StartClient = (port: number, node: string, zone: string) => Promise<ZonedClient>;

/** The region of all that run here. */
export const REGION = "lab";

/** Requests a second of a load. */
export const RATE = 100;

/** @param routes the service whose routes it takes from Fingerpost; unless given it has its own, which try nothing again. */
export function envoyClient(binary: string, mode: Mode, routes?: string): StartClient {
	return async (port, node, zone) => {
		const locality = { region: REGION, zone };
		const envoy = await Envoy.start(binary, envoyBootstrap({ mode, xds: [port], node, locality, routes }));
		let load: Load | undefined;
		return {
			calls: (service, count) => burst(envoy.ingress, service, count),
			async startLoad(service) {
				load = new Load({ url: envoy.ingress, service, rate: RATE });
			},
			async readLoad() {
				if (!load) throw new Error("there is no load");
				return load.result;
			},
			async stopLoad() {
				if (!load) throw new Error("there is no load");
				return load.stop();
			},
			async [Symbol.asyncDispose]() {
				await load?.stop();
				await envoy[Symbol.asyncDispose]();
			},
		};
	};
}

export function grpcClient(program: ClientProgram): StartClient {
	return async (port, node, zone) => {
		const client = new GrpcXdsClient({ port, node, program, locality: { region: REGION, zone } });
		return {
			calls: (service, count) => client.calls(service, count, 4),
			startLoad: (service) => client.startLoad(service, RATE),
			readLoad: (service) => client.readLoad(service),
			stopLoad: (service) => client.stopLoad(service),
			[Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
		};
	};
}
