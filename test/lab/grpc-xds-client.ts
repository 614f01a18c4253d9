import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.js";
import type { LoadResult } from "./load.js";
import { waitUntil } from "./wait-until.js";

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "grpc-xds-process.ts");

export interface GrpcXdsClientOptions {
	readonly port: number;
	readonly node?: string;
}

/** A real gRPC client (grpc-js with @grpc/grpc-js-xds) in a process of its own, which resolves `xds:///NAME`. */
export class GrpcXdsClient implements AsyncDisposable {
	readonly child: Child;
	readonly #answers = new Map<number, { tally?: LoadResult; error?: string }>();
	#next = 1;

	constructor({ port, node = "lab-grpc" }: GrpcXdsClientOptions) {
		const bootstrap = {
			xds_servers: [
				{
					server_uri: `127.0.0.1:${port}`,
					channel_creds: [{ type: "insecure" }],
					server_features: ["xds_v3", "ignore_resource_deletion"],
				},
			],
			node: { id: node, locality: {} },
		};
		this.child = new Child(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM], {
			env: { ...process.env, GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) },
			stdio: ["ignore", "pipe", "pipe", "ipc"],
		});
		this.child.process.on("message", (answer: { id: number; tally?: LoadResult; error?: string }) => {
			this.#answers.set(answer.id, answer);
		});
	}

	/** Calls the service `count` times, `parallel` at a time (1 by default), each with a deadline of 5 s. */
	async calls(service: string, count: number, parallel = 1): Promise<LoadResult> {
		return this.#tell({ do: "calls", service, count, parallel });
	}

	/** Waits until a call is answered, and by one of these back ends only in 20 calls in a row. */
	async waitForBackends(service: string, names: readonly string[]): Promise<void> {
		const wanted = [...names].sort().join();
		await waitUntil(
			`${service} is answered by [${wanted}]`,
			async () => {
				const { byBackend, failed } = await this.calls(service, 20);
				return failed === 0 && Object.keys(byBackend).sort().join() === wanted;
			},
			{ timeout: 20_000 },
		);
	}

	/** Starts a steady load of so many calls per second on the service. */
	async startLoad(service: string, rate = 200): Promise<void> {
		await this.#tell({ do: "startLoad", service, rate });
	}

	/** Stops it and gives the counts. */
	async stopLoad(service: string): Promise<LoadResult> {
		return this.#tell({ do: "stopLoad", service });
	}

	async #tell(command: object): Promise<LoadResult> {
		const id = this.#next++;
		this.child.process.send({ id, ...command });
		const answer = await waitUntil(
			"the gRPC client has answered",
			() => this.#answers.get(id) ?? (this.child.exit && { error: `it ended:\n${this.child.tail}` }),
			{ timeout: 60_000, interval: 5 },
		);
		this.#answers.delete(id);
		if (!answer.tally) throw new Error(`the gRPC client failed: ${answer.error}`);
		return answer.tally;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.child.kill("SIGKILL");
	}
}
