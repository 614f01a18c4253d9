import { Child } from "./child.js";
import { waitUntil } from "./wait-until.js";

/** What happened to the client; `names` are those of the resources that came, in order. */
export interface GoClientEvent {
	readonly event: "connected" | "accepted" | "rejected" | "disconnected";
	readonly names: readonly string[] | null;
	/** Of clusters the names that their endpoints have. */
	readonly services?: readonly string[];
}

/** The xDS client of go-control-plane in a process of its own: see lab/clients/README.md. */
export class GoControlPlaneClient implements AsyncDisposable {
	readonly #child: Child;

	/** @param rejects the name of a resource that it rejects. */
	constructor(program: string, port: number, type: "cds" | "eds" | "lds", rejects = "") {
		this.#child = new Child(program, [`127.0.0.1:${port}`, type, "gcp", rejects], { stdio: ["pipe", "pipe", "pipe"] });
	}

	get events(): readonly GoClientEvent[] {
		return this.#child.stdout.map((line) => JSON.parse(line) as GoClientEvent);
	}

	/** Waits until the newest set that it has accepted has these names. */
	async has(...names: readonly string[]): Promise<void> {
		await waitUntil(`it has ${names}`, () => {
			const set = this.events.findLast(({ event }) => event === "accepted");
			if (JSON.stringify(set?.names) === JSON.stringify(names)) return true;
			throw new Error(`${JSON.stringify(this.events.slice(-3))} ${this.#child.tail}`);
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#child[Symbol.asyncDispose]();
	}
}
