import { createServer as createHttp1 } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";

/** A small server that answers every request with its own name. */
export interface Backend extends AsyncDisposable {
	readonly name: string;
	/** `127.0.0.1:PORT`. */
	readonly address: string;
	/** Requests so far. */
	readonly requests: number;
}

/** Answers every HTTP/1.1 request with its name as the body. */
export async function startHttpBackend(name: string): Promise<Backend> {
	let requests = 0;
	const server = createHttp1((_request, response) => {
		requests++;
		response.end(name);
	});
	// Node would otherwise close idle connections after 5 s, just when the proxy sends its next request on one.
	server.keepAliveTimeout = 0;
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, "127.0.0.1", resolve);
	});
	return {
		name,
		address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		get requests() {
			return requests;
		},
		async [Symbol.asyncDispose]() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

/** Answers `/lab.Echo/Who` with its name, as plain bytes. */
export async function startGrpcBackend(name: string): Promise<Backend> {
	let requests = 0;
	const bytes = (value: Buffer) => value;
	const method = { requestStream: false, responseStream: false } as const;
	const codec = {
		requestSerialize: bytes,
		requestDeserialize: bytes,
		responseSerialize: bytes,
		responseDeserialize: bytes,
	};
	const server = new Server();
	server.addService(
		{ who: { path: "/lab.Echo/Who", ...method, ...codec } },
		{
			who: (_call: unknown, callback: (error: null, answer: Buffer) => void) => {
				requests++;
				callback(null, Buffer.from(name));
			},
		},
	);
	const port = await new Promise<number>((resolve, reject) => {
		server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
			error ? reject(error) : resolve(bound),
		);
	});
	return {
		name,
		address: `127.0.0.1:${port}`,
		get requests() {
			return requests;
		},
		async [Symbol.asyncDispose]() {
			server.forceShutdown();
		},
	};
}

/** Several at once, by name. */
export async function startBackends<K extends string>(
	start: (name: string) => Promise<Backend>,
	...names: K[]
): Promise<Record<K, Backend> & AsyncDisposable> {
	const all = await Promise.all(names.map(start));
	const byName = Object.fromEntries(all.map((backend) => [backend.name, backend])) as Record<K, Backend>;
	return Object.assign(byName, {
		async [Symbol.asyncDispose]() {
			await Promise.all(all.map((backend) => backend[Symbol.asyncDispose]()));
		},
	});
}
