import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.js";
import { PATIENCE } from "./patience.js";
import { waitUntil } from "./wait-until.js";

/** One host of a cluster as `/clusters` shows it. */
export interface HostStatus {
	/** `127.0.0.1:PORT`. */
	readonly address: string;
	readonly weight: number;
	/** `HEALTHY`, `DRAINING`, …, as EDS gave it. */
	readonly health: string;
}

interface ClustersAnswer {
	cluster_statuses?: {
		name: string;
		host_statuses?: {
			address: { socket_address: { address: string; port_value: number } };
			weight?: number;
			health_status?: { eds_health_status?: string };
		}[];
	}[];
}

/** A real Envoy on ports that the system picks, with one worker thread. */
export class Envoy implements AsyncDisposable {
	readonly child: Child;
	readonly #folder: string;
	#admin = "";
	#ingress = "";

	private constructor(child: Child, folder: string) {
		this.child = child;
		this.#folder = folder;
	}

	/** Starts it and waits until it is ready (with its clusters warmed), for at most 60 s. */
	static async start(binary: string, bootstrap: object | string): Promise<Envoy> {
		const folder = await mkdtemp(join(tmpdir(), "fingerpost-envoy-"));
		const config = join(folder, typeof bootstrap === "string" ? "envoy.yaml" : "envoy.json");
		await writeFile(config, typeof bootstrap === "string" ? bootstrap : JSON.stringify(bootstrap));
		const adminFile = join(folder, "admin");
		const args = ["-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "warning"];
		const envoy = new Envoy(new Child(binary, [...args, "--admin-address-path", adminFile]), folder);
		try {
			await waitUntil("Envoy is ready", async () => {
				if (envoy.child.exit) return true;
				envoy.#admin = `http://${(await readFile(adminFile, "utf8")).trim()}`;
				return (await fetch(`${envoy.#admin}/ready`)).status === 200;
			});
			if (envoy.child.exit) throw new Error("Envoy ended at once");
			envoy.#ingress = await envoy.#listener("ingress");
		} catch (reason) {
			await envoy[Symbol.asyncDispose]();
			throw new Error(`Envoy did not start: ${String(reason)}\n${envoy.child.tail}`, { cause: reason });
		}
		return envoy;
	}

	/** `http://127.0.0.1:PORT` of the admin interface. */
	get admin(): string {
		return this.#admin;
	}

	/** `http://127.0.0.1:PORT` of the listener that routes by `x-service`; empty if the bootstrap has none. */
	get ingress(): string {
		return this.#ingress;
	}

	/** An answer of the admin interface, as text. At most 60 s. */
	async get(path: string): Promise<string> {
		const answer = await fetch(this.#admin + path, { signal: AbortSignal.timeout(PATIENCE) });
		if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
		return answer.text();
	}

	/** The numeric stats whose names match the regular expression. */
	async stats(filter: string): Promise<Record<string, number>> {
		const text = await this.get(`/stats?format=json&filter=${encodeURIComponent(filter)}`);
		const { stats } = JSON.parse(text) as { stats: { name?: string; value?: number | string }[] };
		const found: Record<string, number> = {};
		for (const { name, value } of stats) {
			if (name !== undefined && typeof value === "number") found[name] = value;
		}
		return found;
	}

	/** One counter or gauge; 0 while Envoy has none of that name. */
	async stat(name: string): Promise<number> {
		const all = await this.stats(`^${name.replaceAll(/[.\\^$|?*+()[\]{}]/g, "\\$&")}$`);
		return all[name] ?? 0;
	}

	/** The clusters that are in use, and their hosts. */
	async clusters(): Promise<Record<string, HostStatus[]>> {
		const answer = JSON.parse(await this.get("/clusters?format=json")) as ClustersAnswer;
		const clusters: Record<string, HostStatus[]> = {};
		for (const { name, host_statuses = [] } of answer.cluster_statuses ?? []) {
			clusters[name] = host_statuses.map(({ address, weight = 1, health_status }) => ({
				address: `${address.socket_address.address}:${address.socket_address.port_value}`,
				weight,
				health: health_status?.eds_health_status ?? "UNKNOWN",
			}));
		}
		return clusters;
	}

	/** Waits until the cluster's hosts are exactly these addresses, in any order. */
	async waitForHosts(cluster: string, addresses: readonly string[], timeout = PATIENCE): Promise<void> {
		const wanted = [...addresses].sort().join();
		await waitUntil(
			`${cluster} has the hosts [${wanted}]`,
			async () =>
				(await this.clusters())[cluster]
					?.map((host) => host.address)
					.sort()
					.join() === wanted,
			{ timeout },
		);
	}

	/** How many responses Envoy has rejected, over all types and clusters. */
	async rejected(): Promise<number> {
		return Object.values(await this.stats("update_rejected$")).reduce((sum, value) => sum + value, 0);
	}

	/** How often Envoy has waited in vain, 15 s each time, for what it asked for first: what it shows of a stall itself. */
	async givenUp(): Promise<number> {
		const counters = Object.values(await this.stats("init_fetch_timeout$"));
		if (counters.length === 0) throw new Error("Envoy does not count what it has waited for in vain");
		return counters.reduce((sum, value) => sum + value, 0);
	}

	async #listener(name: string): Promise<string> {
		const { listener_statuses = [] } = JSON.parse(await this.get("/listeners?format=json")) as {
			listener_statuses?: {
				name: string;
				local_address: { socket_address: { address: string; port_value: number } };
			}[];
		};
		const socket = listener_statuses.find((listener) => listener.name === name)?.local_address.socket_address;
		return socket ? `http://${socket.address}:${socket.port_value}` : "";
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.child.kill("SIGKILL");
		await rm(this.#folder, { recursive: true, force: true });
	}
}
