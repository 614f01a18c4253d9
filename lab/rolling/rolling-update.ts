import type { KubeApi } from "../kube-api.js";
import { sliceObject } from "../slice-object.js";
import { Pod } from "./pod.js";

/** A real API server takes no loopback addresses: it has these in their place. */
export const STORED_NET = "10.77.0.";
export const SERVED_NET = "127.0.77.";

/** In words of a slice. */
type Conditions = "ready" | "!ready serving terminating";

/** The pods of a Deployment, its controllers, and a kubelet: they write what is so into the API server's slice. */
export class RollingUpdate implements AsyncDisposable {
	readonly #api: KubeApi;
	readonly #port: number;
	readonly #pods = new Map<Pod, Conditions>();
	#last = 0;
	#writing = Promise.resolve();

	/** @param port of all pods. */
	constructor(api: KubeApi, port: number) {
		this.#api = api;
		this.#port = port;
	}

	/** Those that run and are not being ended. */
	get pods(): readonly Pod[] {
		return [...this.#pods].filter(([, conditions]) => conditions === "ready").map(([pod]) => pod);
	}

	/** Starts so many pods more; they are in the slice at once. */
	async start(count: number): Promise<void> {
		for (let i = 0; i < count; i++) {
			this.#pods.set(await Pod.start(`${SERVED_NET}${++this.#last}`, this.#port), "ready");
		}
		await this.#write();
	}

	/**
	 * Replaces all pods that there are, so many at a time: a new one is started, an old one is terminating from then on, and
	 * ends as soon as its hook has returned, which begins at the same time.
	 */
	async replaceAll(atATime: number, preStop: (address: string) => Promise<void>): Promise<void> {
		const old = this.pods.values();
		const replaceSome = async () => {
			for (const pod of old) {
				await this.start(1);
				this.#pods.set(pod, "!ready serving terminating");
				await Promise.all([this.#write(), preStop(`${pod.host}:${this.#port}`)]);
				await pod.end();
				this.#pods.delete(pod);
				await this.#write();
			}
		};
		await Promise.all(Array.from({ length: atATime }, replaceSome));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.all([...this.#pods.keys()].map((pod) => pod.end()));
	}

	/** One after another, as a controller does. */
	#write(): Promise<void> {
		this.#writing = this.#writing.then(async () => {
			const endpoints = [...this.#pods].map(
				([{ host }, conditions]) => `${host.replace(SERVED_NET, STORED_NET)} ${conditions}`,
			);
			await this.#api.put(sliceObject("web", { ports: [`grpc:${this.#port}`], endpoints }));
		});
		return this.#writing;
	}
}
