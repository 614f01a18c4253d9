import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Consul } from "../consul.js";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";
import { HttpGate } from "./http-gate.js";

/** A real Consul with ACLs, behind a relay for each source; what comes back changed is another one, with lower indexes. */
export const consulRow: FaultRow = {
	name: "consul",
	type: "consul",
	programs: ["consul", "openssl"],
	start: async () => {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-faults-"));
		const [first, second] = await Promise.all([Consul.start({ acl: true }), Consul.start()]);
		return new Consuls(folder, first, second);
	},
};

class Consuls implements FaultySources {
	readonly #folder: string;
	readonly #first: Consul;
	readonly #second: Consul;

	constructor(folder: string, first: Consul, second: Consul) {
		this.#folder = folder;
		this.#first = first;
		this.#second = second;
	}

	async source(name: string, fault: Fault): Promise<FaultySource> {
		const gate = await HttpGate.start({ to: { port: this.#first.port } });
		const source = new ConsulSource(name, fault, {
			tokenFile: join(this.#folder, name),
			...{ gate, first: this.#first, second: this.#second },
		});
		await source.allow();
		return source;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const consul of [this.#first, this.#second]) await consul[Symbol.asyncDispose]();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

interface Parts {
	readonly tokenFile: string;
	readonly gate: HttpGate;
	readonly first: Consul;
	readonly second: Consul;
}

class ConsulSource implements FaultySource {
	readonly #service: string;
	readonly #fault: Fault;
	readonly #parts: Parts;
	#consul: Consul;
	#accessor = "";
	#has: readonly string[] = [];

	constructor(service: string, fault: Fault, parts: Parts) {
		this.#service = service;
		this.#fault = fault;
		this.#parts = parts;
		this.#consul = parts.first;
	}

	get settings() {
		return { address: this.#parts.gate.url, tokenFile: this.#parts.tokenFile };
	}

	get target(): string {
		return `///${this.#service}`;
	}

	/** A new token that may read the service. */
	async allow(): Promise<void> {
		const rules = `service "${this.#service}" { policy = "read" }\nnode_prefix "" { policy = "read" }`;
		const { secret, accessor } = await this.#parts.first.token(rules);
		this.#accessor = accessor;
		await writeFile(this.#parts.tokenFile, secret);
	}

	get asked(): number {
		return this.#parts.gate.asked;
	}

	async set(addresses: readonly string[]): Promise<void> {
		const service = this.#service;
		const node = `node-${service}`;
		if (addresses.length === 0) await this.#consul.deleteNode(node);
		else {
			const instances = (of: readonly string[], others: readonly string[]) =>
				of
					.filter((each) => !others.includes(each))
					.map((each) => {
						const [address = "", port] = each.split(":");
						return { node, service, id: each, address, port: Number(port) };
					});
			for (const each of instances(addresses, this.#has)) await this.#consul.put(each);
			for (const each of instances(this.#has, addresses)) await this.#consul.delete(each);
		}
		this.#has = addresses;
	}

	async begin(): Promise<void> {
		const { gate, first, second } = this.#parts;
		switch (this.#fault) {
			case "empty":
				return this.set([]);
			case "errors":
				return gate.fail(500);
			case "credentials revoked":
				await first.call("DELETE", `/v1/acl/token/${this.#accessor}`);
				// A query that waits would be answered first.
				return gate.breakAll();
			case "comes back changed":
				[this.#consul, this.#has] = [second, []];
				gate.lead({ port: second.port });
				return gate.fail("refused");
			case "away at start":
				return gate.fail("refused");
			default:
				return gate.fail(this.#fault);
		}
	}

	async end(): Promise<void> {
		if (this.#fault === "credentials revoked") await this.allow();
		await this.#parts.gate.pass();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#parts.gate[Symbol.asyncDispose]();
	}
}
