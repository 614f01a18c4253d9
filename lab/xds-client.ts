import {
	type ChannelCredentials,
	Client,
	type ClientDuplexStream,
	credentials,
	Metadata,
	type StatusObject,
} from "@grpc/grpc-js";
import type { Mode } from "./envoy-bootstrap.js";
import { waitUntil } from "./wait-until.js";
import { type XdsRequest, type XdsResponse, type XdsService, xdsMethod } from "./xds-protos.js";

export interface XdsStreamOptions {
	/** Of 127.0.0.1; or a target of gRPC, such as unix:/path. */
	readonly port: number | string;
	readonly mode?: Mode;
	readonly service?: XdsService;
	/** How it connects; in clear unless given. */
	readonly channel?: ChannelCredentials;
	/** Its `authorization`. */
	readonly authorization?: string;
}

/** A bare xDS stream: it sends what it is told, ACKs nothing by itself and keeps every response. */
export class XdsStream implements Disposable {
	readonly responses: XdsResponse[] = [];
	/** Settles when the stream has ended, whoever ended it. */
	readonly status: Promise<StatusObject>;
	readonly #client: Client;
	readonly #call: ClientDuplexStream<XdsRequest, XdsResponse>;
	#status: StatusObject | undefined;

	constructor({ port, mode = "sotw", service = "ads", channel, authorization }: XdsStreamOptions) {
		const { path, encode, decode } = xdsMethod(service, mode);
		this.#client = new Client(
			typeof port === "string" ? port : `127.0.0.1:${port}`,
			channel ?? credentials.createInsecure(),
			{
				"grpc.use_local_subchannel_pool": 1,
				"grpc.max_send_message_length": -1,
			},
		);
		const metadata = new Metadata();
		if (authorization) metadata.set("authorization", authorization);
		this.#call = this.#client.makeBidiStreamRequest<XdsRequest, XdsResponse>(path, encode, decode, metadata);
		this.status = new Promise((resolve) => {
			this.#call.once("status", (status: StatusObject) => {
				this.#status = status;
				resolve(status);
			});
		});
		// The status says the same.
		this.#call.on("error", () => {});
		this.#call.on("data", (response: XdsResponse) => this.responses.push(response));
	}

	send(request: XdsRequest): void {
		this.#call.write(request);
	}

	/** The first response from index `from` on that fits; throws if the stream ends first or after 60 s. */
	async next(what: string, fits: (r: XdsResponse) => boolean, from = 0): Promise<XdsResponse> {
		const found = await waitUntil(
			`the response comes: ${what}`,
			() => this.responses.slice(from).find(fits) ?? this.#status,
			{ interval: 5 },
		);
		if ("nonce" in found) return found;
		throw new Error(`the stream ended with ${found.code} ${found.details} before the response: ${what}`);
	}

	/** Ends the client's side in order. */
	end(): void {
		this.#call.end();
	}

	[Symbol.dispose](): void {
		this.#call.cancel();
		this.#client.close();
	}
}
