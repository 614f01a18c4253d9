import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.js";
import { makeKubeCertificates } from "./kube-certificates.js";
import { PATIENCE } from "./patience.js";
import { freePorts } from "./ports.js";
import { describeServers, serverBinary } from "./server-binary.js";
import type { SliceObject } from "./slice-object.js";
import { waitUntil } from "./wait-until.js";

/** May do everything. */
const ADMIN_TOKEN = "admin-token";
/** Until the API server is ready, on a busy machine. */
const START_MS = 180_000;

/** A describe of tests with a real API server; skipped or refused where there is none. */
export function describeKubeApi(title: string, body: () => void): void {
	describeServers(["kube-apiserver", "etcd", "openssl"], title, body);
}

/** A real kube-apiserver with an etcd of its own, on loopback: TLS, bearer tokens, RBAC; no controllers. */
export class KubeApi implements AsyncDisposable {
	readonly port: number;
	readonly #folder: string;
	readonly #etcdPort: number;
	readonly #peerPort: number;
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 20 });
	#ca = "";
	#etcd: Child | undefined;
	#server: Child | undefined;

	private constructor(folder: string, [port = 0, etcdPort = 0, peerPort = 0]: readonly number[]) {
		this.#folder = folder;
		this.port = port;
		this.#etcdPort = etcdPort;
		this.#peerPort = peerPort;
	}

	static async start(): Promise<KubeApi> {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-kube-"));
		const api = new KubeApi(folder, await freePorts(3));
		try {
			api.#ca = await makeKubeCertificates(folder);
			await writeFile(join(folder, "tokens.csv"), `${ADMIN_TOKEN},admin,admin,"system:masters"\n`);
			api.#etcd = api.#startEtcd();
			await api.resume();
			return api;
		} catch (error) {
			await api[Symbol.asyncDispose]();
			throw error;
		}
	}

	get url(): string {
		return `https://127.0.0.1:${this.port}`;
	}

	/** A kubeconfig of one who may do everything, with one context: `lab`. */
	get adminKubeconfig(): string {
		const cluster = { server: this.url, "certificate-authority": this.caFile };
		return JSON.stringify({
			...{ apiVersion: "v1", kind: "Config", "current-context": "lab" },
			clusters: [{ name: "lab", cluster }],
			users: [{ name: "admin", user: { token: ADMIN_TOKEN } }],
			contexts: [{ name: "lab", context: { cluster: "lab", user: "admin" } }],
		});
	}

	/** The path of its certificate authority. */
	get caFile(): string {
		return join(this.#folder, "ca.crt");
	}

	/** Starts it, or again after stop(), with what etcd has. */
	async resume(): Promise<void> {
		const server = this.#startServer();
		this.#server = server;
		await waitUntil(
			"the API server is ready",
			async () => {
				const dead = [server, this.#etcd].find((child) => child?.exit);
				if (dead) throw new Error(`a server ended: ${dead.tail}`);
				return (await this.#send("GET", "/readyz", undefined, ADMIN_TOKEN)).status === 200;
			},
			{ timeout: START_MS, interval: 50 },
		);
	}

	/** SIGKILL: an orderly end waits for watches. */
	async stop(): Promise<void> {
		await this.#server?.kill("SIGKILL");
	}

	/** Keeps what there is now, for restore(). It is away meanwhile. */
	async backUp(): Promise<void> {
		await this.#withoutEtcd(() => cp(this.#data, `${this.#data}.backup`, { recursive: true }));
	}

	/** It knows what it knew at backUp() and nothing later; its resource versions are lower ones, too. */
	async restore(): Promise<void> {
		await this.#withoutEtcd(async () => {
			await rm(this.#data, { recursive: true });
			await cp(`${this.#data}.backup`, this.#data, { recursive: true });
		});
	}

	/** It stays but does not answer, until it is continued. */
	pause(): void {
		this.#server?.process.kill("SIGSTOP");
	}

	continue(): void {
		this.#server?.process.kill("SIGCONT");
	}

	/** Makes etcd forget all that is older than now; the API server's own cache does not. */
	async compact(): Promise<void> {
		const ask = async (path: string, body: unknown) => {
			const response = await fetch(`http://127.0.0.1:${this.#etcdPort}/v3/kv/${path}`, {
				method: "POST",
				body: JSON.stringify(body),
				signal: AbortSignal.timeout(PATIENCE),
			});
			if (!response.ok) throw new Error(`etcd answered ${response.status}: ${await response.text()}`);
			return (await response.json()) as { header: { revision: string } };
		};
		const { header } = await ask("put", { key: btoa("compacted"), value: btoa("now") });
		await ask("compaction", { revision: header.revision, physical: true });
	}

	/** @throws Error unless it is answered with a status below 300. */
	async call(method: string, path: string, body?: unknown, token = ADMIN_TOKEN): Promise<unknown> {
		const { status, text } = await this.#send(method, path, body, token);
		if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
		return text === "" ? undefined : JSON.parse(text);
	}

	/** What is not JSON. */
	async text(path: string): Promise<string> {
		return (await this.#send("GET", path, undefined, ADMIN_TOKEN)).text;
	}

	/** Creates the slice, or writes over it. */
	async put(slice: SliceObject): Promise<void> {
		const { name } = slice.metadata;
		const { status, text } = await this.#send("POST", slicesOf(slice), slice, ADMIN_TOKEN);
		if (status === 409) await this.call("PUT", `${slicesOf(slice)}/${name}`, slice);
		else if (status >= 300) throw new Error(`POST ${name}: ${status} ${text}`);
	}

	async delete(slice: SliceObject): Promise<void> {
		await this.call("DELETE", `${slicesOf(slice)}/${slice.metadata.name}`);
	}

	async createNamespace(name: string): Promise<void> {
		await this.call("POST", "/api/v1/namespaces", { metadata: { name } });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#agent.destroy();
		for (const child of [this.#server, this.#etcd]) await child?.kill("SIGKILL");
		await rm(this.#folder, { recursive: true, force: true });
	}

	#send(method: string, path: string, body: unknown, token: string): Promise<{ status: number; text: string }> {
		const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
		const options = {
			...{ method, agent: this.#agent, ca: this.#ca, signal: AbortSignal.timeout(PATIENCE) },
			headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		};
		request(this.url + path, options, (response) => {
			let text = "";
			response.setEncoding("utf8");
			response.on("data", (piece) => {
				text += piece;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
			response.on("error", reject);
		})
			.on("error", reject)
			.end(body === undefined ? undefined : JSON.stringify(body));
		return promise;
	}

	get #data(): string {
		return join(this.#folder, "etcd");
	}

	async #withoutEtcd(work: () => Promise<void>): Promise<void> {
		await this.stop();
		await this.#etcd?.kill("SIGTERM");
		await work();
		this.#etcd = this.#startEtcd();
		await this.resume();
	}

	#startEtcd(): Child {
		const [client, peer] = [`http://127.0.0.1:${this.#etcdPort}`, `http://127.0.0.1:${this.#peerPort}`];
		return new Child(serverBinary("etcd") ?? "etcd", [
			...["--data-dir", this.#data, "--log-level", "error", "--unsafe-no-fsync"],
			...["--listen-client-urls", client, "--advertise-client-urls", client],
			...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`],
		]);
	}

	#startServer(): Child {
		const file = (name: string) => join(this.#folder, name);
		const flags = {
			"etcd-servers": `http://127.0.0.1:${this.#etcdPort}`,
			"bind-address": "127.0.0.1",
			"advertise-address": "127.0.0.1",
			"secure-port": this.port,
			"endpoint-reconciler-type": "none",
			"tls-cert-file": file("tls.crt"),
			"tls-private-key-file": file("tls.key"),
			"service-account-issuer": this.url,
			"service-account-key-file": file("sa.pub"),
			"service-account-signing-key-file": file("sa.key"),
			"token-auth-file": file("tokens.csv"),
			"authorization-mode": "RBAC",
			"service-cluster-ip-range": "10.0.0.0/24",
			"anonymous-auth": false,
			"disable-admission-plugins": "ServiceAccount",
			"enable-priority-and-fairness": false,
		};
		return new Child(
			serverBinary("kube-apiserver") ?? "kube-apiserver",
			Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
		);
	}
}

function slicesOf({ metadata: { namespace } }: SliceObject): string {
	return `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
}
