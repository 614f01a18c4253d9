import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { Secret } from "../src/gen/envoy/extensions/transport_sockets/tls/v3/secret.js";
import { DiscoveryRequest, DiscoveryResponse } from "../src/gen/envoy/service/discovery/v3/discovery.js";

const SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
const METHOD = "/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets";

type Stream = ServerDuplexStream<DiscoveryRequest, DiscoveryResponse>;

export interface Secrets {
	/** PEM. */
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
}

/** What SPIRE's agent is to an Envoy: SDS over a Unix socket, with the secrets `default` and `ROOTCA`, sent anew as they change. */
export class SdsServer implements AsyncDisposable {
	readonly #server = new Server();
	readonly #asked = new Map<Stream, Set<string>>();
	#secrets: Secrets;
	#version = 1;
	/** Responses that were rejected. */
	rejected = 0;

	private constructor(secrets: Secrets) {
		this.#secrets = secrets;
		const codec = {
			requestSerialize: (value: DiscoveryRequest) => Buffer.from(DiscoveryRequest.encode(value).finish()),
			requestDeserialize: (bytes: Buffer) => DiscoveryRequest.decode(bytes),
			responseSerialize: (value: DiscoveryResponse) => Buffer.from(DiscoveryResponse.encode(value).finish()),
			responseDeserialize: (bytes: Buffer) => DiscoveryResponse.decode(bytes),
		};
		this.#server.addService(
			{ stream: { path: METHOD, requestStream: true, responseStream: true, ...codec } },
			{ stream: (stream: Stream) => this.#serve(stream) },
		);
	}

	static async start(socket: string, secrets: Secrets): Promise<SdsServer> {
		const sds = new SdsServer(secrets);
		await new Promise<void>((resolve, reject) => {
			const bound = (error: Error | null) => (error ? reject(error) : resolve());
			sds.#server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), bound);
		});
		return sds;
	}

	/** All who asked have these from now on. */
	set(secrets: Secrets): void {
		this.#secrets = secrets;
		this.#version++;
		for (const [stream, names] of this.#asked) this.#send(stream, names);
	}

	#serve(stream: Stream): void {
		this.#asked.set(stream, new Set());
		stream.on("data", ({ resourceNames, responseNonce, errorDetail }: DiscoveryRequest) => {
			if (errorDetail) this.rejected++;
			const names = this.#asked.get(stream) ?? new Set();
			const news = resourceNames.filter((name) => !names.has(name));
			for (const name of news) names.add(name);
			if (responseNonce === "" || news.length > 0) this.#send(stream, names);
		});
		stream.on("error", () => {});
		stream.on("close", () => this.#asked.delete(stream));
		stream.on("end", () => stream.end());
	}

	#send(stream: Stream, names: ReadonlySet<string>): void {
		const { ca, cert, key } = this.#secrets;
		const secrets = [...names].map((name) =>
			Secret.fromPartial(
				name === "ROOTCA"
					? { name, validationContext: { trustedCa: { inlineString: ca } } }
					: { name, tlsCertificate: { certificateChain: { inlineString: cert }, privateKey: { inlineString: key } } },
			),
		);
		const resources = secrets.map((secret) => ({ typeUrl: SECRET, value: Secret.encode(secret).finish() }));
		const versionInfo = String(this.#version);
		stream.write(DiscoveryResponse.fromPartial({ versionInfo, nonce: versionInfo, typeUrl: SECRET, resources }));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.forceShutdown();
	}
}
