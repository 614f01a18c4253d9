import { createServer as createHttp1 } from "node:http";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { type Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";

/** A small server that answers every request with its own name. */
export interface Backend extends AsyncDisposable {
	readonly name: string;
	/** `127.0.0.1:PORT`, unless it was told to listen elsewhere. */
	readonly address: string;
	/** Requests so far. */
	readonly requests: number;
	/** Connections so far, those that were closed again too. */
	readonly connections: number;
	/** `fails`: 500, or UNAVAILABLE. `hangs`: no answer until it is another. */
	behaviour: Behaviour;
}

export type Behaviour = "well" | "fails" | "hangs";

/** How a back end answers. */
class Answers {
	readonly #waiting: (() => void)[] = [];
	readonly #takes: number;
	#behaviour: Behaviour = "well";

	constructor(takes = 0) {
		this.#takes = takes;
	}

	get behaviour(): Behaviour {
		return this.#behaviour;
	}

	set behaviour(behaviour: Behaviour) {
		this.#behaviour = behaviour;
		if (behaviour !== "hangs") for (const answer of this.#waiting.splice(0)) answer();
	}

	/** @param answer is called when it is to be answered. */
	when(answer: () => void): void {
		if (this.#behaviour === "hangs") this.#waiting.push(answer);
		else if (this.#takes > 0) setTimeout(answer, this.#takes);
		else answer();
	}
}

export interface ListenOptions {
	/** 127.0.0.1 by default. */
	readonly host?: string;
	/** One that the system picks by default. */
	readonly port?: number;
	/** In clear unless given. */
	readonly tls?: BackendTls | undefined;
}

export interface HttpBackendOptions extends ListenOptions {
	/** Milliseconds until it answers; at once unless given. */
	readonly takes?: number;
}

export interface BackendTls {
	readonly cert: string;
	readonly key: string;
	/** Clients must bring a certificate of this CA. */
	readonly clientCa?: string;
}

/** Hands on what comes in, decrypted. */
function listener(tls: BackendTls | undefined, protocol: "http/1.1" | "h2", take: (socket: Socket) => void) {
	if (!tls) return createTcp(take);
	const { cert, key, clientCa } = tls;
	const clients = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
	// Clients that do not trust it end the handshake.
	return createTls({ cert, key, ALPNProtocols: [protocol], ...clients }, take).on("tlsClientError", () => {});
}

/** Answers every HTTP/1.1 request with its name as the body. */
export async function startHttpBackend(
	name: string,
	{ host = "127.0.0.1", port = 0, tls, takes }: HttpBackendOptions = {},
): Promise<Backend> {
	let requests = 0;
	let connections = 0;
	const answers = new Answers(takes);
	const http = createHttp1((_request, response) => {
		requests++;
		answers.when(() => {
			response.statusCode = answers.behaviour === "fails" ? 500 : 200;
			response.end(name);
		});
	}).on("connection", () => connections++);
	// Node would otherwise close idle connections after 5 s, just when the proxy sends its next request on one.
	http.keepAliveTimeout = 0;
	const server = tls ? listener(tls, "http/1.1", (socket) => http.emit("connection", socket)) : http;
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, host, resolve);
	});
	return {
		name,
		address: `${host}:${(server.address() as AddressInfo).port}`,
		get behaviour() {
			return answers.behaviour;
		},
		set behaviour(behaviour) {
			answers.behaviour = behaviour;
		},
		get requests() {
			return requests;
		},
		get connections() {
			return connections;
		},
		async [Symbol.asyncDispose]() {
			const closed = new Promise((resolve) => server.close(resolve));
			http.closeAllConnections();
			await closed;
		},
	};
}

export interface GrpcBackendOptions extends ListenOptions {
	/** What it answers: its name unless given, or the `:authority` or the header `authorization` of the call. */
	readonly says?: "name" | "authority" | "authorization";
}

interface Call {
	readonly metadata: Metadata;
	getHost(): string;
}

/** Answers `/lab.Echo/Who` with its name, as plain bytes. */
export async function startGrpcBackend(
	name: string,
	{ host = "127.0.0.1", port = 0, tls, says = "name" }: GrpcBackendOptions = {},
): Promise<Backend> {
	let requests = 0;
	let connections = 0;
	const answers = new Answers();
	const bytes = (value: Buffer) => value;
	const method = { requestStream: false, responseStream: false } as const;
	const codec = {
		requestSerialize: bytes,
		requestDeserialize: bytes,
		responseSerialize: bytes,
		responseDeserialize: bytes,
	};
	const said = (call: Call) => {
		if (says === "name") return name;
		return says === "authority" ? call.getHost() : String(call.metadata.get("authorization")[0] ?? "");
	};
	const server = new Server();
	server.addService(
		{ who: { path: "/lab.Echo/Who", ...method, ...codec } },
		{
			who: (call: Call, callback: (error: { code: status } | null, answer?: Buffer) => void) => {
				requests++;
				answers.when(() => {
					if (answers.behaviour === "fails") callback({ code: status.UNAVAILABLE });
					else callback(null, Buffer.from(said(call)));
				});
			},
		},
	);
	const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
	// The sockets are the lab's own, so that they can be counted.
	const accepting = listener(tls, "h2", (socket) => {
		connections++;
		injector.injectConnection(socket);
	});
	await new Promise<void>((resolve, reject) => {
		accepting.once("error", reject);
		accepting.listen(port, host, resolve);
	});
	return {
		name,
		address: `${host}:${(accepting.address() as AddressInfo).port}`,
		get behaviour() {
			return answers.behaviour;
		},
		set behaviour(behaviour) {
			answers.behaviour = behaviour;
		},
		get requests() {
			return requests;
		},
		get connections() {
			return connections;
		},
		async [Symbol.asyncDispose]() {
			const closed = new Promise((resolve) => accepting.close(resolve));
			injector.destroy();
			server.forceShutdown();
			await closed;
		},
	};
}

/** Several at once, by name. */
export async function startBackends<K extends string>(
	start: (name: string) => Promise<Backend>,
	...names: K[]
): Promise<Record<K, Backend> & AsyncDisposable> {
	const all = await Promise.all(names.map((name) => start(name)));
	const byName = Object.fromEntries(all.map((backend) => [backend.name, backend])) as Record<K, Backend>;
	return Object.assign(byName, {
		async [Symbol.asyncDispose]() {
			await Promise.all(all.map((backend) => backend[Symbol.asyncDispose]()));
		},
	});
}
