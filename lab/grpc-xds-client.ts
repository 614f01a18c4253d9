import { createInterface } from "node:readline";
import { Child } from "./child.js";
import { type ClientProgram, JS_CLIENT } from "./grpc-clients.js";
import type { LoadResult } from "./load.js";
import { waitUntil } from "./wait-until.js";

/** Of a call, in milliseconds: longer than the 15 s that a client waits for what it asked the control plane for. */
const DEADLINE = 20_000;

export interface GrpcXdsClientOptions {
	readonly port: number;
	readonly node?: string;
	/** Where it says that it runs; it does not say unless given. */
	readonly locality?: { readonly region: string; readonly zone: string };
	/** What stands before the address of the control plane; nothing by default. */
	readonly scheme?: "http://";
	/** In place of what is made of the others: the text of a bootstrap. */
	readonly bootstrap?: string;
	/** grpc-js by default. */
	readonly program?: ClientProgram;
	/** Variables beside those of the test. */
	readonly env?: NodeJS.ProcessEnv;
}

export interface CallsResult extends LoadResult {
	/** Milliseconds that the slowest call took, be it answered or not. */
	readonly slowest: number;
}

interface Answer {
	readonly id: number;
	readonly tally?: CallsResult;
	readonly error?: string;
}

/** A real gRPC client in a process of its own, which resolves `xds:///NAME`. */
export class GrpcXdsClient implements AsyncDisposable {
	readonly child: Child;
	readonly #answers = new Map<number, Answer>();
	#next = 1;

	constructor(options: GrpcXdsClientOptions) {
		const { port, node = "lab-grpc", locality = {}, scheme, bootstrap: given, program = JS_CLIENT, env } = options;
		const bootstrap = {
			xds_servers: [
				{
					server_uri: `${scheme ?? ""}127.0.0.1:${port}`,
					channel_creds: [{ type: "insecure" }],
					server_features: ["xds_v3", "ignore_resource_deletion"],
				},
			],
			node: { id: node, locality },
		};
		this.child = new Child(program.command, program.args, {
			env: { ...process.env, ...env, GRPC_XDS_BOOTSTRAP_CONFIG: given ?? JSON.stringify(bootstrap) },
			stdio: ["pipe", "pipe", "pipe"],
		});
		const { stdin, stdout } = this.child.process;
		if (!stdin || !stdout) throw new Error("the gRPC client has no input or output");
		// That it is gone is said by the answer that does not come.
		stdin.on("error", () => {});
		createInterface({ input: stdout }).on("line", (line) => {
			const answer = JSON.parse(line) as Answer;
			this.#answers.set(answer.id, answer);
		});
	}

	/**
	 * Calls the service `count` times, `parallel` at a time, each with a deadline of so many milliseconds and the header
	 * `x-user` where it is given.
	 */
	async calls(service: string, count: number, parallel = 1, deadline = DEADLINE, user?: string): Promise<CallsResult> {
		return this.#tell({ do: "calls", service, count, parallel, deadline, ...(user !== undefined && { user }) });
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
			{ timeout: 90_000 },
		);
	}

	/** Starts a steady load of so many calls per second on the service. */
	async startLoad(service: string, rate = 200): Promise<void> {
		await this.#tell({ do: "startLoad", service, rate, deadline: DEADLINE });
	}

	/** What the load has counted so far. */
	async readLoad(service: string): Promise<CallsResult> {
		return this.#tell({ do: "readLoad", service });
	}

	/** Stops it and gives the counts. */
	async stopLoad(service: string): Promise<CallsResult> {
		return this.#tell({ do: "stopLoad", service });
	}

	async #tell(command: object): Promise<CallsResult> {
		const id = this.#next++;
		this.child.process.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
		const answer = await waitUntil(
			"the gRPC client has answered",
			() => this.#answers.get(id) ?? (this.child.exit && { id, error: `it ended:\n${this.child.tail}` }),
			{ timeout: 90_000, interval: 5 },
		);
		this.#answers.delete(id);
		if (!answer.tally) throw new Error(`the gRPC client failed: ${answer.error}`);
		return answer.tally;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.child.kill("SIGKILL");
	}
}
