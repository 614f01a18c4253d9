import { Cache } from "../src/cache/cache.js";
import { Catalog } from "../src/catalog/catalog.js";
import { type Endpoint, endpoint } from "../src/model/endpoint.js";
import { parseEndpointAddress } from "../src/model/endpoint-address.js";
import type { Protocol } from "../src/model/service.js";
import { Registry } from "../src/providers/registry.js";
import { encodeService } from "../src/resources/encode-service.js";
import type { Nack } from "../src/server/protocol/acks/nacks.js";
import type { ClientStatus } from "../src/server/protocol/client-status.js";
import { XdsServer } from "../src/server/xds-server.js";

/** Most clients reject an endpoint whose address is none; grpc-go rejects one that is there twice. */
const NO_ADDRESS = "no address";

/** A server in this process that sends what its config never could: services whose assignment every client rejects. */
export class FaultyServer implements AsyncDisposable {
	readonly #catalog = new Catalog(new Registry(), { removalGrace: 0, syncDeadline: 0 });
	readonly #cache = new Cache(this.#catalog, (type, view, service, endpoints) =>
		encodeService(type, view, service, endpoints.flatMap(spoil)),
	);
	readonly #xds = new XdsServer(this.#cache, { nacked: () => void this.nacks++ });
	/** Responses that were rejected so far, by all clients. */
	nacks = 0;
	port = 0;

	private constructor() {
		this.#catalog.onChange((changes, at) =>
			this.#cache.update(
				changes.map(({ name }) => name),
				at,
			),
		);
	}

	static async start(services: Readonly<Record<string, string>>, protocol: Protocol): Promise<FaultyServer> {
		const server = new FaultyServer();
		server.set(services, protocol);
		server.port = (await server.#xds.listen({ host: "127.0.0.1", port: 0 })).port;
		return server;
	}

	/** Sets services at once, each to one address; `bad` for one that every client rejects. */
	set(services: Readonly<Record<string, string>>, protocol: Protocol): void {
		for (const [name, address] of Object.entries(services)) {
			const endpoints = [endpointOf(address)];
			this.#catalog.set({ name, protocol, connectTimeout: 5_000, targets: [], endpoints });
		}
		this.#catalog.flush();
	}

	/** Removes a service, at once. */
	remove(name: string): void {
		this.#catalog.unset(name);
		this.#catalog.flush();
	}

	clients(): ClientStatus[] {
		return this.#xds.clients();
	}

	/** What clients reject of the endpoints now. */
	rejected(): Nack[] {
		return this.clients().flatMap(({ types }) => types.eds?.nacked ?? []);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#catalog.stop();
		await this.#xds.stop();
	}
}

function endpointOf(address: string): Endpoint {
	if (address === "bad") return endpoint({ address: "192.0.2.1", port: 1, health: "healthy" });
	const parsed = parseEndpointAddress(address);
	if (parsed.problem !== undefined) throw new Error(parsed.problem);
	return endpoint({ ...parsed, health: "healthy" });
}

function spoil(e: Endpoint): Endpoint[] {
	if (e.address !== "192.0.2.1") return [e];
	const spoilt = { ...e, address: NO_ADDRESS };
	return [spoilt, spoilt];
}
