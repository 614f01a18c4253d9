import { H2Stream, type H2StreamTls } from "./h2-stream.js";
import { field, scanResponse } from "./protobuf.js";

export type Mode = "sotw" | "delta";

export interface SubscriberOptions {
	readonly port: number;
	readonly mode: Mode;
	/** Its node id is made of it. */
	readonly id: number;
	/** Subscribers of a group ask for the same names; the bare server knows by it what to send. */
	readonly group: number;
	readonly names: readonly string[];
	/** Where it says that it runs; it does not say unless given. */
	readonly zone?: string | undefined;
	/** A response came that is not part of the first answer. It is only valid during the call. */
	readonly onPush: (subscriber: Subscriber, bytes: Buffer) => void;
	readonly onFailed: (error: Error) => void;
	/** In clear unless given. */
	readonly tls?: H2StreamTls | undefined;
}

const PATH = {
	sotw: "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
	delta: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
} as const;
const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

/** One connection with one ADS stream that asks for the endpoints of some services and ACKs whatever comes. */
export class Subscriber {
	readonly group: number;
	/** The responses that made up the first answer. */
	readonly initial: Buffer[] = [];
	/** Settles when the first answer is complete. */
	readonly ready: Promise<void>;
	readonly #options: SubscriberOptions;
	readonly #stream: H2Stream;
	/** The part of every SotW request that does not change: all the names. */
	readonly #names: Buffer;
	#missing: number;
	#becameReady!: () => void;

	constructor(options: SubscriberOptions) {
		const { port, mode, id, group, names, zone } = options;
		this.#options = options;
		this.group = group;
		this.#missing = names.length;
		this.ready = new Promise((resolve) => {
			this.#becameReady = resolve;
		});
		this.#names = Buffer.concat(names.map((name) => field(3, name)));
		this.#stream = new H2Stream(
			port,
			PATH[mode],
			{ "x-group": String(group) },
			{
				message: (bytes) => this.#receive(bytes),
				failed: options.onFailed,
			},
			options.tls,
		);
		const locality = zone === undefined ? [] : [field(4, Buffer.concat([field(1, "eu"), field(2, zone)]))];
		const node = Buffer.concat([field(1, `bench-${id}`), ...locality, field(6, "envoy")]);
		const head = mode === "sotw" ? [field(2, node), field(4, EDS)] : [field(1, node), field(2, EDS)];
		this.#stream.send(Buffer.concat([...head, this.#names]));
	}

	close(): void {
		this.#stream.close();
	}

	#receive(bytes: Buffer): void {
		const { version, nonce, resources } = scanResponse(bytes);
		this.#stream.send(
			this.#options.mode === "sotw"
				? Buffer.concat([field(1, version), this.#names, field(4, EDS), field(5, nonce)])
				: Buffer.concat([field(2, EDS), field(6, nonce)]),
		);
		if (this.#missing <= 0) {
			this.#options.onPush(this, bytes);
			return;
		}
		this.initial.push(Buffer.from(bytes));
		this.#missing -= resources;
		if (this.#missing <= 0) this.#becameReady();
	}
}
