import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeDocker } from "../fake-docker.js";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";
import { HttpGate } from "./http-gate.js";

/** An engine for each source, behind a relay: fakes, for a real one needs root and shows containers on the host's network only. */
export const dockerRow: FaultRow = {
	name: "docker",
	type: "docker",
	programs: [],
	start: async () => new Engines(await mkdtemp(join(tmpdir(), "fingerpost-faults-"))),
};

class Engines implements FaultySources {
	readonly #folder: string;
	readonly #owned = new AsyncDisposableStack();

	constructor(folder: string) {
		this.#folder = folder;
	}

	async source(_name: string, fault: Fault): Promise<FaultySource> {
		const folder = await mkdtemp(join(this.#folder, "engine-"));
		const engine = this.#owned.use(await FakeDocker.start(folder));
		const socket = join(folder, "gate.sock");
		return new EngineSource(fault, socket, {
			...{ engine, gate: await HttpGate.start({ at: socket, to: { socketPath: engine.socket } }) },
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#owned.disposeAsync();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

class EngineSource implements FaultySource {
	readonly target = "///web:80";
	readonly settings: { readonly socket: string };
	readonly #fault: Fault;
	readonly #engine: FakeDocker;
	readonly #gate: HttpGate;

	constructor(fault: Fault, socket: string, parts: { readonly engine: FakeDocker; readonly gate: HttpGate }) {
		this.#fault = fault;
		this.settings = { socket: `unix://${socket}` };
		this.#engine = parts.engine;
		this.#gate = parts.gate;
	}

	get asked(): number {
		return this.#gate.asked;
	}

	async set(addresses: readonly string[]): Promise<void> {
		this.#engine.run(...addresses.map(container));
	}

	async begin(): Promise<void> {
		switch (this.#fault) {
			case "empty":
				return this.set([]);
			case "errors":
				return this.#gate.fail(500);
			case "credentials revoked":
				// What a proxy of the socket says.
				return this.#gate.fail(403);
			case "away at start":
			case "comes back changed":
				return this.#gate.fail("refused");
			default:
				return this.#gate.fail(this.#fault);
		}
	}

	end(): Promise<void> {
		return this.#gate.pass();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#gate[Symbol.asyncDispose]();
	}
}

function container(address: string) {
	const [IP, port] = address.split(":");
	const published = { IP, PrivatePort: 80, PublicPort: Number(port), Type: "tcp" };
	return { name: `web-${IP}`, labels: { "fingerpost.name": "web" }, networks: {}, ports: [published] };
}
