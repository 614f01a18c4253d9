import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startBackends, startGrpcBackend, startHttpBackend } from "../../../lab/backends.js";
import { Envoy } from "../../../lab/envoy.js";
import { type ClientAnswer, type Config, Fingerpost } from "../../../lab/fingerpost.js";
import { GrpcXdsClient } from "../../../lab/grpc-xds-client.js";
import { Load } from "../../../lab/load.js";
import { freePorts } from "../../../lab/ports.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { BACKENDS, type BackendName, type Endpoints } from "./back-ends.js";
import type { Traffic } from "./traffic.js";

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL("../../../dist/main.js", import.meta.url));

/** Requests per second of each client. */
export const RATE = 250;
/** The back ends speak HTTP/1.1 and gRPC on ports of their own, so each is an endpoint of two services. */
const HTTP = "web";
const GRPC = "greeter";
const CLIENTS = 3;

type Addresses = Readonly<Record<BackendName, string>>;

/** Fingerpost, three back ends, an Envoy of each variant of the protocol and a gRPC client, each under a steady load. */
export class Mesh implements AsyncDisposable {
	readonly #owned = new AsyncDisposableStack();
	readonly #signal: AbortSignal;
	readonly traffics: Traffic[] = [];
	#http!: Addresses;
	#grpc!: Addresses;
	#fingerpost!: Fingerpost;

	private constructor(signal: AbortSignal) {
		this.#signal = signal;
	}

	/** Starts all of it; what had started is ended if one fails or the signal fires. */
	static async start(envoy: string, first: Endpoints, signal: AbortSignal): Promise<Mesh> {
		const mesh = new Mesh(signal);
		try {
			await mesh.#start(envoy, first);
		} catch (reason) {
			await mesh[Symbol.asyncDispose]();
			throw reason;
		}
		return mesh;
	}

	async #start(binary: string, first: Endpoints): Promise<void> {
		this.#http = await this.#startBackends(startHttpBackend);
		this.#grpc = await this.#startBackends(startGrpcBackend);
		this.#fingerpost = await this.#own(Fingerpost.start(this.#config(first)));
		const server = ["--server", `127.0.0.1:${this.#fingerpost.xdsPort}`];

		for (const variant of ["sotw", "delta"]) {
			const [listen, admin] = await freePorts(2);
			const addresses = ["--listen", `127.0.0.1:${listen}`, "--admin-port", `${admin}`];
			const args = ["--node-id", `envoy-${variant}`, ...server, ...addresses, "--service", HTTP];
			if (variant === "sotw") args.push("--sotw");
			const { stdout } = await run(process.execPath, [MAIN, "bootstrap", "envoy", ...args], { timeout: 10_000 });
			const envoy = await this.#own(Envoy.start(binary, stdout));
			const load = this.#owned.use(new Load({ url: envoy.ingress, service: HTTP, rate: RATE, limit: 120_000 }));
			const read = async () => structuredClone(load.result);
			this.traffics.push({ title: `envoy ${variant}`, read, stop: () => load.stop() });
		}

		const client = this.#owned.use(new GrpcXdsClient({ port: this.#fingerpost.xdsPort, node: "grpc-js" }));
		await client.startLoad(GRPC, RATE);
		this.traffics.push({
			title: "grpc-js",
			read: () => client.readLoad(GRPC),
			stop: () => client.stopLoad(GRPC),
		});
		await this.#allHave(() => true);
	}

	/**
	 * Writes other endpoints into the config.
	 * @returns the milliseconds until every client had ACKed them
	 */
	async change(endpoints: Endpoints): Promise<number> {
		const before = new Map((await this.#fingerpost.clients()).map((client) => [client.node, ackedVersion(client)]));
		const begin = performance.now();
		await this.#fingerpost.setServices(this.#config(endpoints).services);
		await this.#allHave((client) => ackedVersion(client) !== before.get(client.node));
		return performance.now() - begin;
	}

	async killFingerpost(): Promise<void> {
		await this.#fingerpost.kill("SIGKILL");
	}

	/** Starts it again and waits until every client is back. */
	async startFingerpost(): Promise<void> {
		await this.#fingerpost.startAgain();
		await this.#allHave(() => true);
	}

	/** What clients have rejected, in their words. */
	async rejections(): Promise<string[]> {
		return this.#fingerpost.nacks();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#owned.disposeAsync();
	}

	async #allHave(condition: (client: ClientAnswer) => boolean): Promise<void> {
		await waitUntil(
			"every client has the endpoints",
			async () => {
				const clients = await this.#fingerpost.clients();
				return clients.filter((client) => client.types.eds?.synced && condition(client)).length === CLIENTS;
			},
			{ timeout: 15_000, interval: 2, signal: this.#signal },
		);
	}

	#config(endpoints: Endpoints): Config {
		const list = (addresses: Addresses) =>
			BACKENDS.flatMap((name) => (endpoints[name] ? [{ address: addresses[name], ...endpoints[name] }] : []));
		return {
			services: {
				[HTTP]: { endpoints: list(this.#http) },
				[GRPC]: { protocol: "grpc", endpoints: list(this.#grpc) },
			},
		};
	}

	async #startBackends(start: typeof startHttpBackend): Promise<Addresses> {
		const { a, b, c } = await this.#own(startBackends(start, ...BACKENDS));
		return { a: a.address, b: b.address, c: c.address };
	}

	/** Owns what is being started. */
	async #own<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
		const started = this.#owned.use(await starting);
		this.#signal.throwIfAborted();
		return started;
	}
}

function ackedVersion(client: ClientAnswer): string | undefined {
	return client.types.eds?.acked?.version;
}
