import { status } from "@grpc/grpc-js";
import { Etcd } from "../etcd.js";
import { FakeEtcd } from "../fake-etcd.js";
import type { Fault, FaultRow, FaultySource, FaultySources } from "./fault.js";
import { TcpGate } from "./tcp-gate.js";

const USER = { username: "fingerpost", password: "secret" };
/** What the user may read, and of that what it is forbidden. */
const ALLOWED = "allowed/";
const REVOKED = "revoked/";

/**
 * A real etcd with users, behind a relay for each source; what comes back changed is another one, with lower revisions. That
 * one of a cluster without a leader says so is what a fake says: a cluster of three takes too long to lose it.
 */
export const etcdRow: FaultRow = {
	name: "etcd",
	type: "etcd",
	programs: ["etcd"],
	start: async () => {
		// A password costs etcd 70 ms of CPU otherwise, for each of the sources and each of its attempts.
		const start = () => Etcd.start(1, { flags: ["--bcrypt-cost", "4"] });
		const [first, second, leaderless] = await Promise.all([start(), start(), FakeEtcd.start()]);
		leaderless.react = () => ({ code: status.UNAVAILABLE, details: "etcdserver: no leader" });
		for (const etcd of [first, second]) await etcd.enableAuth(USER.username, USER.password, ALLOWED);
		return new Etcds({ first, second, leaderless });
	},
};

interface Servers {
	readonly first: Etcd;
	readonly second: Etcd;
	readonly leaderless: FakeEtcd;
}

class Etcds implements FaultySources {
	readonly #servers: Servers;

	constructor(servers: Servers) {
		this.#servers = servers;
	}

	async source(name: string, fault: Fault): Promise<FaultySource> {
		if (fault === "credentials revoked") await this.#servers.first.grantRead(`${REVOKED}${name}/`);
		return new EtcdSource(name, fault, await TcpGate.to(this.#servers.first.member.port), this.#servers);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const each of Object.values(this.#servers)) await each[Symbol.asyncDispose]();
	}
}

class EtcdSource implements FaultySource {
	readonly #prefix: string;
	readonly #fault: Fault;
	readonly #gate: TcpGate;
	readonly #servers: Servers;
	#etcd: Etcd;
	#has: readonly string[] = [];

	constructor(name: string, fault: Fault, gate: TcpGate, servers: Servers) {
		this.#prefix = `${fault === "credentials revoked" ? REVOKED : ALLOWED}${name}/`;
		this.#fault = fault;
		this.#gate = gate;
		this.#servers = servers;
		this.#etcd = servers.first;
	}

	get settings() {
		return { endpoints: [`http://${this.#gate.address}`], ...USER };
	}

	get target(): string {
		return `///${this.#prefix}`;
	}

	get asked(): number {
		return this.#gate.asked;
	}

	async set(addresses: readonly string[]): Promise<void> {
		if (addresses.length === 0) await this.#etcd.deleteAll(this.#prefix);
		for (const each of addresses) if (!this.#has.includes(each)) await this.#etcd.put(this.#prefix + each, each);
		const gone = addresses.length === 0 ? [] : this.#has.filter((each) => !addresses.includes(each));
		for (const each of gone) await this.#etcd.delete(this.#prefix + each);
		this.#has = addresses;
	}

	async begin(): Promise<void> {
		const { first, second, leaderless } = this.#servers;
		switch (this.#fault) {
			case "empty":
				return this.set([]);
			case "errors":
				this.#gate.lead(Number(new URL(leaderless.url).port));
				return this.#gate.breakAll();
			case "credentials revoked":
				return first.revokeRead(this.#prefix);
			case "comes back changed":
				[this.#etcd, this.#has] = [second, []];
				this.#gate.lead(second.member.port);
				return this.#gate.fail("refused");
			case "away at start":
				return this.#gate.fail("refused");
			default:
				return this.#gate.fail(this.#fault);
		}
	}

	async end(): Promise<void> {
		if (this.#fault === "credentials revoked") await this.#servers.first.grantRead(this.#prefix);
		if (this.#fault === "errors") {
			this.#gate.lead(this.#servers.first.member.port);
			this.#gate.breakAll();
		}
		await this.#gate.pass();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#gate[Symbol.asyncDispose]();
	}
}
