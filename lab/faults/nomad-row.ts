import { FakeNomad } from "../fake-nomad.js";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";
import { HttpGate } from "./http-gate.js";

/** Fakes of Nomad, two for each source behind a relay; what comes back changed is the second, with lower indexes. */
export const nomadRow: FaultRow = { name: "nomad", type: "nomad", programs: [], start: async () => new Nomads() };

class Nomads implements FaultySources {
	readonly #owned = new AsyncDisposableStack();

	async source(name: string, fault: Fault): Promise<FaultySource> {
		const first = this.#owned.use(await FakeNomad.start());
		const second = this.#owned.use(await FakeNomad.start());
		second.rewind(1);
		return new NomadSource(name, fault, {
			...{ first, second, gate: await HttpGate.start({ to: { port: first.port } }) },
		});
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#owned.disposeAsync();
	}
}

interface Parts {
	readonly gate: HttpGate;
	readonly first: FakeNomad;
	readonly second: FakeNomad;
}

class NomadSource implements FaultySource {
	readonly target: string;
	readonly #service: string;
	readonly #fault: Fault;
	readonly #parts: Parts;
	#nomad: FakeNomad;

	constructor(service: string, fault: Fault, parts: Parts) {
		this.target = `///${service}`;
		this.#service = service;
		this.#fault = fault;
		this.#parts = parts;
		this.#nomad = parts.first;
	}

	get settings() {
		return { address: this.#parts.gate.url, token: "secret" };
	}

	get asked(): number {
		return this.#parts.gate.asked;
	}

	async set(addresses: readonly string[]): Promise<void> {
		this.#nomad.set(this.#service, ...addresses);
	}

	async begin(): Promise<void> {
		const { gate, first, second } = this.#parts;
		switch (this.#fault) {
			case "empty":
				return this.set([]);
			case "errors":
				return gate.fail(500);
			case "credentials revoked":
				first.react = () => ({ status: 403, body: "Permission denied" });
				// A query that waits would be answered first.
				return gate.breakAll();
			case "comes back changed":
				this.#nomad = second;
				gate.lead({ port: second.port });
				return gate.fail("refused");
			case "away at start":
				return gate.fail("refused");
			default:
				return gate.fail(this.#fault);
		}
	}

	async end(): Promise<void> {
		this.#parts.first.react = () => undefined;
		await this.#parts.gate.pass();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#parts.gate[Symbol.asyncDispose]();
	}
}
