import { Client, credentials, Metadata } from "@grpc/grpc-js";

const bytes = (value: Buffer) => value;

/** A steady load of gRPC calls through a proxy that routes by the `x-service` header; it ends when disposed of. */
export class GrpcLoad implements Disposable {
	/** Answers of each back end so far. */
	readonly byBackend: Record<string, number> = {};
	/** The first failures in words. */
	readonly failures: string[] = [];
	readonly #client: Client;
	readonly #timer: NodeJS.Timeout;

	/** @param url `http://127.0.0.1:PORT` of the proxy. @param rate calls a second, at most 200. */
	constructor(url: string, service: string, rate: number) {
		this.#client = new Client(new URL(url).host, credentials.createInsecure());
		const metadata = new Metadata();
		metadata.set("x-service", service);
		this.#timer = setInterval(() => {
			const options = { deadline: Date.now() + 20_000 };
			this.#client.makeUnaryRequest(
				"/lab.Echo/Who",
				bytes,
				bytes,
				Buffer.alloc(0),
				metadata,
				options,
				(error, answer) => {
					const name = String(answer);
					if (!error) this.byBackend[name] = (this.byBackend[name] ?? 0) + 1;
					else if (this.failures.length < 10) this.failures.push(String(error));
				},
			);
		}, 1_000 / rate);
	}

	[Symbol.dispose](): void {
		clearInterval(this.#timer);
		this.#client.close();
	}
}
