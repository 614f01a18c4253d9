import { Knot, ZONE } from "../knot.js";
import { DnsGate } from "./dns-gate.js";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";

/** The last numbers of the addresses that can be served. */
const HOSTS = [1, 2, 3];
const SERVFAIL = 2;
/** What a server says to those whom it does not serve. */
const REFUSED = 5;

/** A real Knot, behind a relay for each source. */
export const dnsRow: FaultRow = {
	name: "dns",
	type: "dns",
	programs: ["knotd", "knotc"],
	start: async () => new Zone(await Knot.start(...HOSTS.map((host) => `host-${host} 1 A 127.0.0.${host}`))),
};

class Zone implements FaultySources {
	readonly #knot: Knot;
	/** One transaction at a time. */
	#last: Promise<void> = Promise.resolve();

	constructor(knot: Knot) {
		this.#knot = knot;
	}

	async source(name: string, fault: Fault): Promise<FaultySource> {
		return new DnsSource(name, fault, this, await DnsGate.to(this.#knot.port));
	}

	change(...lines: readonly string[]): Promise<void> {
		this.#last = this.#last.then(() => this.#knot.change(...lines));
		return this.#last;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#knot[Symbol.asyncDispose]();
	}
}

class DnsSource implements FaultySource {
	readonly #name: string;
	readonly #fault: Fault;
	readonly #zone: Zone;
	readonly #gate: DnsGate;
	#isSet = false;

	constructor(name: string, fault: Fault, zone: Zone, gate: DnsGate) {
		this.#name = `_http._tcp.${name}`;
		this.#fault = fault;
		this.#zone = zone;
		this.#gate = gate;
	}

	get settings() {
		return { servers: [this.#gate.address], minInterval: "1s" };
	}

	get target(): string {
		return `///${this.#name}.${ZONE}`;
	}

	get asked(): number {
		return this.#gate.asked;
	}

	async set(addresses: readonly string[]): Promise<void> {
		const all = addresses.map((address) => {
			const [, host, port] = /(\d+):(\d+)$/.exec(address) ?? [];
			return `set ${this.#name} 1 SRV 1 1 ${port} host-${host}`;
		});
		await this.#zone.change(...(this.#isSet ? [`unset ${this.#name}`] : []), ...all);
		this.#isSet = addresses.length > 0;
	}

	async begin(): Promise<void> {
		switch (this.#fault) {
			case "empty":
				return this.set([]);
			case "errors":
				return this.#gate.fail(SERVFAIL);
			case "credentials revoked":
				return this.#gate.fail(REFUSED);
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
