import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateAuthority } from "./certificates.js";
import { Child } from "./child.js";
import { PATIENCE } from "./patience.js";
import { freePorts } from "./ports.js";
import { describeServers, serverBinary } from "./server-binary.js";
import { waitUntil } from "./wait-until.js";

/** May do everything, where ACLs are on. */
const ROOT_TOKEN = "11111111-1111-1111-1111-111111111111";

export interface ConsulParts {
	/** ACLs are on, and deny what is not allowed. */
	readonly acl?: boolean;
}

/** An instance in the catalog. */
export interface CatalogInstance {
	/** Its node; `node-1` unless given. */
	readonly node?: string;
	/** `SERVICE-PORT` unless given. */
	readonly id?: string;
	readonly service: string;
	/** 127.0.0.1 unless given. */
	readonly address?: string;
	readonly port: number;
	/** Of its one check: `passing` unless given. */
	readonly status?: "passing" | "warning" | "critical";
	/** More of the service: `Tags`, `Meta`, `Weights`, `Locality`. */
	readonly more?: object;
}

/** A describe of tests with a real Consul; skipped or refused where there is none. */
export function describeConsul(title: string, body: () => void): void {
	describeServers(["consul", "openssl"], title, body);
}

/** A real Consul server on loopback, over HTTP and HTTPS, which keeps its data while it is away. */
export class Consul implements AsyncDisposable {
	readonly port: number;
	readonly httpsPort: number;
	readonly #folder: string;
	readonly #acl: boolean;
	#child: Child | undefined;

	private constructor(folder: string, port: number, httpsPort: number, acl: boolean) {
		this.#folder = folder;
		this.port = port;
		this.httpsPort = httpsPort;
		this.#acl = acl;
	}

	static async start({ acl = false }: ConsulParts = {}): Promise<Consul> {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-consul-"));
		const [port = 0, httpsPort = 0, server = 0, lan = 0] = await freePorts(4);
		const consul = new Consul(folder, port, httpsPort, acl);
		try {
			await (await CertificateAuthority.make(folder)).issue("tls");
			await writeFile(join(folder, "consul.json"), JSON.stringify(consul.#config(server, lan)));
			await consul.resume();
			return consul;
		} catch (error) {
			await consul[Symbol.asyncDispose]();
			throw error;
		}
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	get httpsUrl(): string {
		return `https://127.0.0.1:${this.httpsPort}`;
	}

	/** The path of the certificate authority of HTTPS. */
	get caFile(): string {
		return join(this.#folder, "ca.crt");
	}

	/** Starts it, or again after stop(), with what it had. */
	async resume(): Promise<void> {
		const child = new Child(serverBinary("consul") ?? "consul", ["agent", "-config-file", this.#file("consul.json")]);
		this.#child = child;
		await waitUntil("Consul has a leader", async () => {
			if (child.exit) throw new Error(`consul ended: ${child.tail}`);
			// It answers nothing of its own state before it is the leader.
			return (await this.call("GET", "/v1/catalog/nodes")) !== "[]";
		});
	}

	/** SIGKILL. */
	async stop(): Promise<void> {
		await this.#child?.kill("SIGKILL");
	}

	/** It stays but does not answer, until it is continued. */
	pause(): void {
		this.#child?.process.kill("SIGSTOP");
	}

	continue(): void {
		this.#child?.process.kill("SIGCONT");
	}

	/** @returns the answer's text. @throws Error unless it is answered with a status below 300. */
	async call(method: string, path: string, body?: unknown): Promise<string> {
		const response = await fetch(this.url + path, {
			method,
			headers: this.#acl ? { "x-consul-token": ROOT_TOKEN } : {},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(PATIENCE),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
		return text;
	}

	/** All that it knows now, for restore(). */
	async snapshot(): Promise<Uint8Array> {
		const response = await fetch(`${this.url}/v1/snapshot`, { signal: AbortSignal.timeout(PATIENCE) });
		if (!response.ok) throw new Error(`the snapshot: ${response.status} ${await response.text()}`);
		return response.bytes();
	}

	/** It knows what it knew at the snapshot, and nothing later. */
	async restore(snapshot: Uint8Array): Promise<void> {
		const body = new Blob([snapshot as Uint8Array<ArrayBuffer>]);
		const options = { method: "PUT", body, signal: AbortSignal.timeout(PATIENCE) };
		const response = await fetch(`${this.url}/v1/snapshot`, options);
		if (!response.ok) throw new Error(`the restoration: ${response.status} ${await response.text()}`);
	}

	/** Puts an instance into the catalog, or writes over it. */
	async put(instance: CatalogInstance): Promise<void> {
		const { node = "node-1", service, address = "127.0.0.1", port, status = "passing", more } = instance;
		const { id = `${service}-${port}` } = instance;
		await this.call("PUT", "/v1/catalog/register", {
			...{ Node: node, Address: "127.0.0.9", SkipNodeUpdate: false },
			Service: { ID: id, Service: service, Address: address, Port: port, ...more },
			Checks: [{ Node: node, CheckID: `check:${id}`, Name: "check", ServiceID: id, Status: status }],
		});
	}

	/** A node with all its instances, at once. */
	async deleteNode(node: string): Promise<void> {
		await this.call("PUT", "/v1/catalog/deregister", { Node: node });
	}

	async delete({ node = "node-1", service, port, id = `${service}-${port}` }: CatalogInstance): Promise<void> {
		await this.call("PUT", "/v1/catalog/deregister", { Node: node, ServiceID: id });
	}

	/** A token with these rules. @returns how it is known to itself and to others. */
	async token(rules: string): Promise<{ readonly secret: string; readonly accessor: string; readonly policy: string }> {
		const name = `policy-${Math.random().toString(36).slice(2)}`;
		const { ID } = JSON.parse(await this.call("PUT", "/v1/acl/policy", { Name: name, Rules: rules }));
		const made = JSON.parse(await this.call("PUT", "/v1/acl/token", { Policies: [{ Name: name }] }));
		return { secret: made.SecretID, accessor: made.AccessorID, policy: ID };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.continue();
		await this.#child?.kill("SIGKILL");
		await rm(this.#folder, { recursive: true, force: true });
	}

	#file(name: string): string {
		return join(this.#folder, name);
	}

	#config(server: number, lan: number): object {
		return {
			...{ server: true, bootstrap: true, data_dir: this.#file("data"), node_name: "lab", log_level: "warn" },
			...{ bind_addr: "127.0.0.1", client_addr: "127.0.0.1", disable_update_check: true },
			ports: {
				...{ http: this.port, https: this.httpsPort, server, serf_lan: lan },
				...{ dns: -1, serf_wan: -1, grpc: -1, grpc_tls: -1 },
			},
			performance: { raft_multiplier: 1 },
			tls: { https: { ca_file: this.caFile, cert_file: this.#file("tls.crt"), key_file: this.#file("tls.key") } },
			...(this.#acl && {
				acl: {
					...{ enabled: true, default_policy: "deny", enable_token_persistence: true },
					tokens: { initial_management: ROOT_TOKEN, agent: ROOT_TOKEN },
				},
			}),
		};
	}
}
