import { Client, type ClientDuplexStream, credentials, type StatusObject } from "@grpc/grpc-js";
import { waitUntil } from "../../lab/wait-until.js";
import {
	DeltaDiscoveryRequest,
	DeltaDiscoveryResponse,
	DiscoveryRequest,
	DiscoveryResponse,
} from "../../src/gen/envoy/service/discovery/v3/discovery.js";

type Of<T extends { fromPartial(object: never): unknown }> = Parameters<T["fromPartial"]>[0];
export type StreamRequest = Of<typeof DiscoveryRequest> & Of<typeof DeltaDiscoveryRequest>;

export interface StreamResponse {
	readonly typeUrl: string;
	readonly nonce: string;
	readonly names: readonly string[];
	readonly bytes: number;
	/** `control_plane.identifier`, where the response has it. */
	readonly controlPlane?: string | undefined;
}

/** A gRPC stream to one method of the server, with the project's own codecs. */
export class GrpcStream implements Disposable {
	readonly responses: StreamResponse[] = [];
	readonly status: Promise<StatusObject>;
	readonly #client: Client;
	readonly #call: ClientDuplexStream<Buffer, StreamResponse>;
	readonly #delta: boolean;
	#ended: StatusObject | undefined;

	/**
	 * @param method as in `endpoint.v3.EndpointDiscoveryService/StreamEndpoints`.
	 * @param limit how many bytes a response may have; gRPC's 4 MiB unless given, -1 for any number.
	 */
	constructor(port: number, method: string, limit = 4 * 1024 * 1024) {
		this.#delta = /\/Delta/.test(method);
		this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
			"grpc.use_local_subchannel_pool": 1,
			"grpc.max_send_message_length": -1,
			"grpc.max_receive_message_length": limit,
		});
		this.#call = this.#client.makeBidiStreamRequest<Buffer, StreamResponse>(
			`/envoy.service.${method}`,
			(bytes) => bytes,
			(bytes) => (this.#delta ? readDelta(bytes) : readSotw(bytes)),
		);
		this.status = new Promise((resolve) => {
			this.#call.once("status", (status: StatusObject) => {
				this.#ended = status;
				resolve(status);
			});
		});
		// The status says the same.
		this.#call.on("error", () => {});
		this.#call.on("data", (response: StreamResponse) => this.responses.push(response));
	}

	/** @param names what to subscribe to, in either variant. */
	send(typeUrl: string, names: readonly string[], more: StreamRequest = {}): void {
		const common = { typeUrl, ...more };
		const bytes = this.#delta
			? DeltaDiscoveryRequest.encode(
					DeltaDiscoveryRequest.fromPartial({ ...common, resourceNamesSubscribe: [...names] }),
				).finish()
			: DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ ...common, resourceNames: [...names] })).finish();
		this.sendBytes(bytes);
	}

	sendBytes(bytes: Uint8Array): void {
		this.#call.write(Buffer.from(bytes));
	}

	/** Waits until so many responses have come, or the stream has ended. */
	async received(count: number): Promise<readonly StreamResponse[]> {
		await waitUntil(`${count} responses have come`, () => this.responses.length >= count || this.#ended, {
			interval: 2,
		});
		return this.responses;
	}

	end(): void {
		this.#call.end();
	}

	[Symbol.dispose](): void {
		this.#call.cancel();
		this.#client.close();
	}
}

function readSotw(bytes: Buffer): StreamResponse {
	const { typeUrl, nonce, resources, controlPlane } = DiscoveryResponse.decode(bytes);
	// The name is the first field of every type.
	const names = resources.map(({ value }) => Buffer.from(value.subarray(2, 2 + (value[1] ?? 0))).toString());
	return { typeUrl, nonce, names, bytes: bytes.byteLength, controlPlane: controlPlane?.identifier };
}

function readDelta(bytes: Buffer): StreamResponse {
	const { typeUrl, nonce, resources, removedResources, controlPlane } = DeltaDiscoveryResponse.decode(bytes);
	return {
		typeUrl,
		nonce,
		names: [...resources.map(({ name }) => name), ...removedResources.map((name) => `-${name}`)],
		bytes: bytes.byteLength,
		controlPlane: controlPlane?.identifier,
	};
}
