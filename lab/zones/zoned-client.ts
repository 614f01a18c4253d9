import { Envoy } from "../envoy.js";
import { envoyBootstrap, type Mode } from "../envoy-bootstrap.js";
import type { ClientProgram } from "../grpc-clients.js";
import { GrpcXdsClient } from "../grpc-xds-client.js";
import { burst, Load, type LoadResult } from "../load.js";

/** A client in a zone, of either family. */
export interface ZonedClient extends AsyncDisposable {
	/** One call after another. */
	calls(service: string, count: number): Promise<LoadResult>;
	startLoad(service: string): Promise<void>;
	stopLoad(service: string): Promise<LoadResult>;
}

/** Starts a client of the Fingerpost on that port. */
export type StartClient = (port: number, node: string, zone: string) => Promise<ZonedClient>;

/** The region of all that run here. */
export const REGION = "lab";

/** Requests a second of a load. */
const RATE = 100;

export function envoyClient(binary: string, mode: Mode): StartClient {
	return async (port, node, zone) => {
		const envoy = await Envoy.start(
			binary,
			envoyBootstrap({ mode, xds: [port], node, locality: { region: REGION, zone } }),
		);
		let load: Load | undefined;
		return {
			calls: (service, count) => burst(envoy.ingress, service, count),
			async startLoad(service) {
				load = new Load({ url: envoy.ingress, service, rate: RATE });
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
			calls: (service, count) => client.calls(service, count),
			startLoad: (service) => client.startLoad(service, RATE),
			stopLoad: (service) => client.stopLoad(service),
			[Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
		};
	};
}
