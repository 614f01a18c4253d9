import { XdsStream } from "./xds-client.js";

const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

/** A client that asks for the endpoints of `web` and ACKs what comes, until it is told not to. */
export class AckingClient implements Disposable {
	readonly #stream: XdsStream;
	readonly #names = { type_url: EDS, resource_names: ["web"] };
	readonly #timer: NodeJS.Timeout;
	#acked = 0;
	acks = true;

	constructor(port: number, id: string) {
		this.#stream = new XdsStream({ port });
		this.#stream.send({ ...this.#names, node: { id, user_agent_name: "envoy" } });
		this.#timer = setInterval(() => {
			if (!this.acks) return;
			for (; this.#acked < this.#stream.responses.length; this.#acked++) {
				const { nonce, version } = this.#stream.responses[this.#acked] as { nonce: string; version: string };
				this.#stream.send({ ...this.#names, response_nonce: nonce, version_info: version });
			}
		}, 5);
	}

	[Symbol.dispose](): void {
		clearInterval(this.#timer);
		this.#stream[Symbol.dispose]();
	}
}
