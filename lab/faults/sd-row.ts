import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventOf, FakeListServer } from "../fake-list-server.js";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";
import { HttpGate } from "./http-gate.js";

/** A web server with lists that are asked for, behind a relay for each source. */
export const sdRow: FaultRow = { name: "sd", type: "sd", programs: [], start: () => startLists({ events: false }) };

/** The same where each list is an event of a stream. */
export const sdEventsRow: FaultRow = {
	...{ name: "sd-events", type: "sd", programs: [] },
	start: () => startLists({ events: true }),
};

async function startLists({ events }: { readonly events: boolean }): Promise<FaultySources> {
	const folder = await mkdtemp(join(tmpdir(), "fingerpost-faults-"));
	await writeFile(join(folder, "token"), "secret");
	const server = await FakeListServer.start();
	if (events) server.react = ({ path }) => ({ events: eventOf(server.list(path) ?? "[]") });
	return new Lists(folder, server);
}

class Lists implements FaultySources {
	readonly #folder: string;
	readonly #server: FakeListServer;

	constructor(folder: string, server: FakeListServer) {
		this.#folder = folder;
		this.#server = server;
	}

	async source(name: string, fault: Fault): Promise<FaultySource> {
		const gate = await HttpGate.start({ to: { port: this.#server.port } });
		return new ListSource(`/${name}`, fault, { gate, server: this.#server, tokenFile: join(this.#folder, "token") });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#server[Symbol.asyncDispose]();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

interface Parts {
	readonly gate: HttpGate;
	readonly server: FakeListServer;
	readonly tokenFile: string;
}

class ListSource implements FaultySource {
	readonly suffix = "+http";
	readonly #path: string;
	readonly #fault: Fault;
	readonly #parts: Parts;

	constructor(path: string, fault: Fault, parts: Parts) {
		this.#path = path;
		this.#fault = fault;
		this.#parts = parts;
	}

	get settings() {
		return { interval: "1s", tokenFile: this.#parts.tokenFile };
	}

	get target(): string {
		return `${this.#parts.gate.url.slice("http:".length)}${this.#path}`;
	}

	get asked(): number {
		return this.#parts.gate.asked;
	}

	async set(addresses: readonly string[]): Promise<void> {
		const { server } = this.#parts;
		server.set(this.#path, addresses);
		server.send(eventOf(addresses), this.#path);
	}

	async begin(): Promise<void> {
		const { gate } = this.#parts;
		switch (this.#fault) {
			case "empty":
				return this.set([]);
			case "errors":
				return gate.fail(503);
			case "credentials revoked":
				return gate.fail(401);
			case "away at start":
			case "comes back changed":
				return gate.fail("refused");
			default:
				return gate.fail(this.#fault);
		}
	}

	end(): Promise<void> {
		return this.#parts.gate.pass();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#parts.gate[Symbol.asyncDispose]();
	}
}
