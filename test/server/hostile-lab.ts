import { expect, onTestFinished, vi } from "vitest";
import { cpuTime } from "../../lab/cpu-time.js";
import { RawConnection } from "../../lab/raw-call.js";
import { waitUntil } from "../../lab/wait-until.js";
import { Cache } from "../../src/cache/cache.js";
import type { ResourceProblem } from "../../src/cache/resource-problem.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import type { Endpoint } from "../../src/model/endpoint.js";
import { DEFAULT_LIMITS, type Limits } from "../../src/model/limits.js";
import type { ServiceDefinition } from "../../src/model/service.js";
import type { TypeId } from "../../src/resources/resource-type.js";
import { RESOURCE_TYPES, resourceType } from "../../src/resources/resource-types.js";
import type { MessageTimes } from "../../src/server/transport/messages/direct-messages.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { XdsServer } from "../../src/server/xds-server.js";
import { service, serviceState } from "../catalog/fake-provider.js";
import { GrpcStream, type StreamRequest } from "./grpc-stream.js";

export const ADS: Readonly<Record<Mode, string>> = {
	sotw: "discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
	delta: "discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
};

export const url = (type: TypeId) => resourceType(type).url;

/** The server's clock stands until the end of the test: a limit of a rate is reached, however slow the machine sends. */
export function stopTheClock(): void {
	const spy = vi.spyOn(performance, "now").mockReturnValue(performance.now());
	onTestFinished(() => spy.mockRestore());
}

/** An xDS server with a well-behaved client, and others that are not. */
export class HostileLab implements AsyncDisposable {
	readonly #services = new Map<string, ServiceState>();
	/** Nothing is encoded for a set that is only counted. */
	#counts = false;
	readonly #owned = new DisposableStack();
	/** What is told of as too large for clients. */
	readonly tooLarge: ResourceProblem[] = [];
	readonly cache = new Cache(
		{ get: (name) => this.#services.get(name), services: () => (this.#counts ? [] : this.#services.values()) },
		undefined,
		(problem) => this.tooLarge.push(problem),
	);
	readonly events: string[] = [];
	/** Who was told to ask for nothing of a type. */
	readonly idle: string[] = [];
	readonly server: XdsServer;
	readonly mode: Mode;
	port = 0;
	#good!: GrpcStream;
	#round = 0;

	private constructor(mode: Mode, limits: Partial<Limits>, times: MessageTimes) {
		this.mode = mode;
		this.server = new XdsServer(
			this.cache,
			{
				limited: ({ node }, limit) => this.events.push(`limited ${node} ${limit}`),
				disconnected: ({ node }, error) => this.events.push(`disconnected ${node} ${error?.message ?? ""}`.trim()),
				nacked: ({ node }, { id }, { error, first }) => this.events.push(`nacked ${node} ${id} ${first} ${error}`),
				unknownType: ({ node }, typeUrl) => this.events.push(`unknown ${node} ${typeUrl}`),
				asksNothing: ({ node }, { id }) => this.idle.push(`${node} ${id}`),
				failed: (error) => this.events.push(`failed ${error.message}`),
			},
			{ limits: { ...DEFAULT_LIMITS, ...limits }, times },
		);
	}

	/** Services `a`, `b` and `good`, the last of which the well-behaved client watches. */
	static async start(mode: Mode, limits: Partial<Limits> = {}, times: MessageTimes = {}): Promise<HostileLab> {
		const lab = new HostileLab(mode, limits, times);
		for (const name of ["a", "b", "good"]) lab.change(name);
		({ port: lab.port } = await lab.server.listen({ host: "127.0.0.1", port: 0 }));
		lab.#good = lab.#owned.use(lab.stream());
		lab.#good.send(url("cds"), ["good"], { node: { id: "good" } });
		await lab.#good.received(1);
		return lab;
	}

	change(name: string, endpoints: readonly Endpoint[] = [], parts: Partial<ServiceDefinition> = {}): void {
		this.#services.set(name, this.#state(name, endpoints, parts));
		this.cache.update([name], performance.now());
	}

	remove(name: string): void {
		this.removeAll([name]);
	}

	/** Many changes at once. */
	changeAll(names: readonly string[]): void {
		for (const name of names) this.#services.set(name, this.#state(name, [], {}));
		this.cache.update(names, performance.now());
	}

	removeAll(names: readonly string[]): void {
		for (const name of names) this.#services.delete(name);
		this.cache.update(names, performance.now());
	}

	/** A stream of a client library, which the lab ends. @param limit of a response, in bytes; 4 MiB unless given. */
	stream(method = ADS[this.mode], limit?: number): GrpcStream {
		return this.#owned.use(new GrpcStream(this.port, method, limit));
	}

	connection(): RawConnection {
		return this.#owned.use(new RawConnection(this.port));
	}

	/** The bytes of a request of the lab's variant of the protocol. */
	request(type: TypeId | "", names: readonly string[], more: StreamRequest = {}): Uint8Array {
		const typeUrl = type && url(type);
		return this.mode === "delta"
			? DeltaDiscoveryRequest.encode(
					DeltaDiscoveryRequest.fromPartial({ typeUrl, resourceNamesSubscribe: [...names], ...more }),
				).finish()
			: DiscoveryRequest.encode(DiscoveryRequest.fromPartial({ typeUrl, resourceNames: [...names], ...more })).finish();
	}

	/** Makes a change for the well-behaved client. @returns the milliseconds of this thread, server and all, until it arrived. */
	async changeArrives(): Promise<number> {
		const start = cpuTime();
		const before = this.#good.responses.length;
		this.change("good", [], { connectTimeout: 1_000 + ++this.#round });
		await this.#good.received(before + 1);
		expect(this.#good.responses.length).toBe(before + 1);
		return cpuTime() - start;
	}

	/** Waits until nothing is left of any client but the well-behaved one, and sees that it is served. */
	async onlyGoodIsLeft(): Promise<void> {
		await waitUntil("the others are gone", () => this.server.clients().length === 1, { interval: 2 });
		expect(this.server.clients()[0]).toMatchObject({ node: "good" });
		expect(this.subscriptions()).toBe(1);
		expect(await this.changeArrives()).toBeLessThan(1_000);
	}

	/** How many subscriptions the sets of resources hold. */
	subscriptions(): number {
		let count = 0;
		this.#counts = true;
		for (const { id } of RESOURCE_TYPES) {
			for (const view of ["envoy", "grpc"] as const) {
				const set = this.cache.acquire(id, view);
				count += set.subscriptions + set.generated;
				this.cache.release(id, view);
			}
		}
		this.#counts = false;
		// Drops the sets that nobody uses.
		this.cache.update([], performance.now());
		return count;
	}

	seen(event: string | RegExp): Promise<string> {
		const fits = (each: string) => (typeof event === "string" ? each === event : event.test(each));
		return waitUntil(`the event ${event} is seen`, () => this.events.find(fits), { interval: 2 });
	}

	#state(name: string, endpoints: readonly Endpoint[], parts: Partial<ServiceDefinition>): ServiceState {
		return serviceState(name, { definition: { ...service(name, []), ...parts }, endpoints });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#owned.dispose();
		await this.server.stop(1_000);
	}
}
