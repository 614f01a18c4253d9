import { addressOf } from "../src/model/endpoint.js";
import { DEFAULT_TIMING, type KubernetesTiming } from "../src/providers/kubernetes/api/kubernetes-timing.js";
import { kubernetesOptions } from "../src/providers/kubernetes/kubernetes-options.js";
import { KubernetesProvider } from "../src/providers/kubernetes/kubernetes-provider.js";
import { Registry } from "../src/providers/registry.js";
import { TargetWatch } from "../src/providers/watch/target-watch.js";
import { createObject, deployed, fingerpostToken, grantSlices } from "./kube-access.js";
import { KubeApi } from "./kube-api.js";
import { PATIENCE } from "./patience.js";
import { waitUntil } from "./wait-until.js";

export interface KubeGiven {
	readonly timing?: Partial<KubernetesTiming>;
	/** The API server's own unless given. */
	readonly port?: number;
	/** An option of the provider. */
	readonly [option: string]: unknown;
}

/** A real API server with what deploy/kubernetes/rbac.yaml makes, and providers that have just the right it gives. */
export class KubeLab implements AsyncDisposable {
	readonly api: KubeApi;
	/** Of Fingerpost's service account. */
	readonly token: string;

	private constructor(api: KubeApi, token: string) {
		this.api = api;
		this.token = token;
	}

	static async start(): Promise<KubeLab> {
		const api = await KubeApi.start();
		try {
			for (const name of ["fingerpost", "shop"]) await api.createNamespace(name);
			for (const object of await deployed("rbac.yaml")) await createObject(api, object);
			return new KubeLab(api, await fingerpostToken(api, "main"));
		} catch (error) {
			await api[Symbol.asyncDispose]();
			throw error;
		}
	}

	/** A new namespace whose slices Fingerpost may read. */
	async createNamespace(name: string): Promise<void> {
		await this.api.createNamespace(name);
		await grantSlices(this.api, name);
	}

	/** A registry with a new provider for `k8s`. */
	registry({ timing, port = this.api.port, ...given }: KubeGiven = {}): Registry {
		const credentials = given.tokenFile === undefined ? { token: this.token } : {};
		const server = `https://127.0.0.1:${port}`;
		const options = kubernetesOptions.parse({ server, caFile: this.api.caFile, ...credentials, ...given });
		const provider = new KubernetesProvider(options, { timing: { ...DEFAULT_TIMING, ...timing } });
		return new Registry().register("k8s", provider);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.api[Symbol.asyncDispose]();
	}
}

/** A target as the catalog watches it, until the end of the block. */
export class WatchedTarget implements Disposable {
	readonly watch: TargetWatch;
	/** Each state that there was: `synced: 10.0.0.1:80, 10.0.0.2:80 draining`. */
	readonly states: string[] = [];
	/** The failures' messages. */
	readonly errors: string[] = [];

	constructor(registry: Registry, text: string) {
		this.watch = new TargetWatch(
			registry.parse(text),
			() => this.states.push(`${this.watch.status.state}: ${this.endpoints}`),
			{ onError: ({ message }) => this.errors.push(message) },
		);
		this.watch.start(registry.watcher(this.watch.target));
	}

	/** As they are now. */
	get endpoints(): string {
		return (this.watch.endpoints ?? [])
			.map((e) => addressOf(e) + (e.health === "healthy" ? "" : ` ${e.health}`))
			.join(", ");
	}

	/** Whether it had no endpoints at any time. */
	get wasEmpty(): boolean {
		return this.states.some((state) => state.endsWith(": "));
	}

	/** Waits for this state. */
	async is(state: string, timeout = PATIENCE): Promise<void> {
		const seen = () => Promise.reject(new Error([...this.states, ...this.errors].join("\n")));
		await waitUntil(`${this.watch.target.text} is ${state}`, () => this.states.at(-1) === state || seen(), {
			timeout,
			interval: 5,
		});
	}

	[Symbol.dispose](): void {
		this.watch.stop();
	}
}
