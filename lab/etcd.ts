import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.js";
import { PATIENCE } from "./patience.js";
import { freePorts } from "./ports.js";
import { describeServers, serverBinary } from "./server-binary.js";
import { waitUntil } from "./wait-until.js";

/** A describe of tests with real etcd servers; skipped or refused where there is none. */
export function describeEtcd(title: string, body: () => void): void {
	describeServers(["etcd", "openssl"], title, body);
}

export interface EtcdServerOptions {
	/** More flags of etcd, such as those of TLS. */
	readonly flags?: readonly string[];
	/** Of the URLs for clients; http unless given. */
	readonly scheme?: "http" | "https";
}

/** One server of a cluster. */
export class EtcdMember implements AsyncDisposable {
	readonly port: number;
	readonly url: string;
	readonly #args: readonly string[];
	#child: Child | undefined;

	constructor(port: number, url: string, args: readonly string[]) {
		this.port = port;
		this.url = url;
		this.#args = args;
	}

	/** Starts it, or again with the data that it had. */
	start(): void {
		this.#child = new Child(serverBinary("etcd") ?? "etcd", this.#args);
	}

	/** @throws Error if it has ended by itself. */
	alive(): void {
		if (this.#child?.exit) throw new Error(`etcd ended: ${this.#child.tail}`);
	}

	async kill(): Promise<void> {
		await this.#child?.kill("SIGKILL");
	}

	/** It stays but does not answer, until it is continued. */
	pause(): void {
		this.#child?.process.kill("SIGSTOP");
	}

	continue(): void {
		this.#child?.process.kill("SIGCONT");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child?.process.kill("SIGCONT");
		await this.kill();
	}
}

/** Real etcd servers on loopback that are one cluster, with what tests do to it by its JSON gateway. */
export class Etcd implements AsyncDisposable {
	readonly members: readonly EtcdMember[];
	readonly #folder: string;
	#token: string | undefined;
	/** For requests by TLS: those go to the plain address beside it. */
	readonly #plain: readonly string[];

	private constructor(folder: string, members: readonly EtcdMember[], plain: readonly string[]) {
		this.#folder = folder;
		this.members = members;
		this.#plain = plain;
	}

	/** @param size how many servers. */
	static async start(size = 1, { flags = [], scheme = "http" }: EtcdServerOptions = {}): Promise<Etcd> {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-etcd-"));
		const ports = await freePorts(3 * size);
		const names = Array.from({ length: size }, (_, i) => `m${i}`);
		const peer = (i: number) => `http://127.0.0.1:${ports[size + i]}`;
		const cluster = names.map((name, i) => `${name}=${peer(i)}`).join(",");
		const plain = names.map((_, i) => `http://127.0.0.1:${scheme === "http" ? ports[i] : ports[2 * size + i]}`);
		const members = names.map((name, i) => {
			const url = `${scheme}://127.0.0.1:${ports[i]}`;
			const clients = scheme === "http" ? url : `${url},${plain[i]}`;
			return new EtcdMember(ports[i] ?? 0, url, [
				...["--name", name, "--data-dir", join(folder, name), "--log-level", "error", "--unsafe-no-fsync"],
				...["--listen-client-urls", clients, "--advertise-client-urls", clients],
				...["--listen-peer-urls", peer(i), "--initial-advertise-peer-urls", peer(i), "--initial-cluster", cluster],
				...["--heartbeat-interval", "100", "--election-timeout", "1000", ...flags],
			]);
		});
		const etcd = new Etcd(folder, members, plain);
		try {
			for (const member of members) member.start();
			await etcd.ready();
			return etcd;
		} catch (error) {
			await etcd[Symbol.asyncDispose]();
			throw error;
		}
	}

	get member(): EtcdMember {
		return this.members[0] as EtcdMember;
	}

	get url(): string {
		return this.member.url;
	}

	/** Until it takes what is written, as after a start or an election. */
	async ready(): Promise<void> {
		await waitUntil("etcd is ready", async () => {
			for (const member of this.members) member.alive();
			return this.call("kv/put", { key: base64("ready"), value: base64("yes") });
		});
	}

	async put(key: string, value: unknown, lease?: string): Promise<void> {
		const text = typeof value === "string" ? value : JSON.stringify(value);
		await this.call("kv/put", { key: base64(key), value: base64(text), ...(lease ? { lease } : {}) });
	}

	async delete(key: string): Promise<void> {
		await this.call("kv/deleterange", { key: base64(key) });
	}

	/** All keys that begin with the prefix, at once. */
	async deleteAll(prefix: string): Promise<void> {
		await this.call("kv/deleterange", { key: base64(prefix), range_end: base64(endOf(prefix)) });
	}

	/** @param seconds until keys with the lease expire. @returns the lease. */
	async grant(seconds: number): Promise<string> {
		return ((await this.call("lease/grant", { TTL: seconds })) as { ID: string }).ID;
	}

	/** Makes etcd forget all that is older than now. */
	async compact(): Promise<void> {
		const { header } = (await this.call("kv/put", { key: base64("ready"), value: base64("now") })) as {
			header: { revision: string };
		};
		await this.call("kv/compaction", { revision: header.revision, physical: true });
	}

	/** The user root has the password root; another user may read what begins with the prefix. From now on root asks. */
	async enableAuth(user: string, password: string, prefix: string): Promise<void> {
		await this.call("auth/user/add", { name: "root", password: "root" });
		await this.call("auth/user/grant", { user: "root", role: "root" });
		await this.call("auth/role/add", { name: "reader" });
		await this.grantRead(prefix);
		await this.call("auth/user/add", { name: user, password });
		await this.call("auth/user/grant", { user, role: "reader" });
		await this.call("auth/enable", {});
		await this.login();
	}

	async login(): Promise<void> {
		this.#token = undefined;
		this.#token = (
			(await this.call("auth/authenticate", { name: "root", password: "root" })) as { token: string }
		).token;
	}

	async grantRead(prefix: string): Promise<void> {
		const perm = { permType: "READ", key: base64(prefix), range_end: base64(endOf(prefix)) };
		await this.call("auth/role/grant", { name: "reader", perm });
	}

	async revokeRead(prefix: string): Promise<void> {
		await this.call("auth/role/revoke", { role: "reader", key: base64(prefix), range_end: base64(endOf(prefix)) });
	}

	/** A call of the JSON gateway. @throws Error unless it is answered with 200. */
	async call(path: string, body: unknown, member = 0): Promise<unknown> {
		for (;;) {
			const response = await fetch(`${this.#plain[member]}/v3/${path}`, {
				method: "POST",
				body: JSON.stringify(body),
				headers: this.#token ? { authorization: this.#token } : {},
				signal: AbortSignal.timeout(PATIENCE),
			});
			if (response.ok) return response.json();
			const text = await response.text();
			// A right was changed by another call meanwhile: nothing was done.
			if (text.includes("revision of auth store is old")) continue;
			throw new Error(`etcd answered ${path} with ${response.status}: ${text}`);
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const member of this.members) await member[Symbol.asyncDispose]();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

function base64(text: string): string {
	return Buffer.from(text).toString("base64");
}

/** For prefixes that end with a letter or a slash. */
function endOf(prefix: string): string {
	return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
