import { expect } from "vitest";
import { type Backend, startBackends, startGrpcBackend } from "./backends.js";
import { type Config, Fingerpost, type ServiceConfig } from "./fingerpost.js";
import type { ClientProgram } from "./grpc-clients.js";
import { GrpcXdsClient } from "./grpc-xds-client.js";
import { waitUntil } from "./wait-until.js";

export interface GrpcLabOptions {
	readonly program: ClientProgram;
	/** See GrpcXdsClientOptions. */
	readonly scheme?: "http://";
	/** See GrpcXdsClientOptions. */
	readonly env?: NodeJS.ProcessEnv;
	readonly config: (backends: GrpcLab["backends"]) => Config;
}

const CALLS = 2_000;

/** Four gRPC back ends, a Fingerpost and a gRPC client that it steers. */
export class GrpcLab implements AsyncDisposable {
	readonly #owned: AsyncDisposable;
	readonly backends: Readonly<Record<"a" | "b" | "c" | "d", Backend>>;
	readonly fingerpost: Fingerpost;
	readonly client: GrpcXdsClient;

	private constructor(owned: AsyncDisposable, parts: Pick<GrpcLab, "backends" | "fingerpost" | "client">) {
		this.#owned = owned;
		({ backends: this.backends, fingerpost: this.fingerpost, client: this.client } = parts);
	}

	/** Starts all; what had started is ended if one fails. */
	static async start({ program, scheme, env, config }: GrpcLabOptions): Promise<GrpcLab> {
		await using owned = new AsyncDisposableStack();
		const backends = owned.use(await startBackends(startGrpcBackend, "a", "b", "c", "d"));
		const fingerpost = owned.use(await Fingerpost.start(config(backends)));
		const options = { port: fingerpost.xdsPort, program, ...(scheme && { scheme }), ...(env && { env }) };
		const client = owned.use(new GrpcXdsClient(options));
		return new GrpcLab(owned.move(), { backends, fingerpost, client });
	}

	/** How many connections each back end has been opened so far. */
	connections(): Record<string, number> {
		return Object.fromEntries(Object.entries(this.backends).map(([name, { connections }]) => [name, connections]));
	}

	/** Calls the service often and expects of each back end its share of the answers, give or take 5 % of all. */
	async expectShares(service: string, shares: Readonly<Record<string, number>>): Promise<void> {
		await this.client.waitForBackends(service, Object.keys(shares));
		const { ok, failures, byBackend } = await this.client.calls(service, CALLS, 4);
		expect({ ok, failures }).toEqual({ ok: CALLS, failures: [] });
		for (const [name, share] of Object.entries(shares)) {
			const seen = (byBackend[name] ?? 0) / CALLS;
			expect(Math.abs(seen - share), `${service}: ${JSON.stringify(byBackend)}`).toBeLessThan(0.05);
		}
	}

	/** Runs a load on the service meanwhile, and expects that none of its calls fails. */
	async underLoad(service: string, work: () => Promise<void>): Promise<void> {
		await this.client.startLoad(service);
		await this.waitForCalls(service, 20);
		await work();
		expect(await this.client.stopLoad(service)).toMatchObject({ failed: 0, failures: [] });
	}

	/** Waits until the load on the service has made so many calls more. */
	async waitForCalls(service: string, count: number): Promise<void> {
		const calls = async () => {
			const { ok, failed } = await this.client.readLoad(service);
			return ok + failed;
		};
		const before = await calls();
		await waitUntil(`${service} is called on`, async () => (await calls()) > before + count);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#owned[Symbol.asyncDispose]();
	}
}

/** A service that speaks gRPC, with its endpoints as the config has them. */
export function grpcService(...endpoints: readonly (string | object)[]): Exclude<ServiceConfig, string> {
	return { protocol: "grpc", endpoints };
}
