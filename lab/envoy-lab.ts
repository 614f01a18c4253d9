import { type Backend, startHttpBackend } from "./backends.js";
import type { EnvoyCase } from "./describe-envoys.js";
import { Envoy } from "./envoy.js";
import { type BootstrapOptions, envoyBootstrap } from "./envoy-bootstrap.js";
import { type Config, Fingerpost } from "./fingerpost.js";
import { freePorts } from "./ports.js";

export interface EnvoyLabOptions {
	readonly which: EnvoyCase;
	/** The config, made from the addresses of the three back ends `a`, `b` and `c`. */
	readonly config: (address: { readonly a: string; readonly b: string; readonly c: string }) => Config;
	readonly clusters?: BootstrapOptions["clusters"];
	readonly staticClusters?: BootstrapOptions["staticClusters"];
	readonly features?: BootstrapOptions["features"];
	readonly locality?: BootstrapOptions["locality"];
	readonly route?: BootstrapOptions["route"];
	readonly routes?: BootstrapOptions["routes"];
	/** Whether the Envoy polls by REST, five times a second, and has no stream. */
	readonly rest?: boolean;
}

/** Three HTTP back ends, a Fingerpost and an Envoy that it steers. */
export class EnvoyLab implements AsyncDisposable {
	readonly #owned = new AsyncDisposableStack();
	readonly backends: Backend[] = [];
	/** The addresses of the back ends. */
	a = "";
	b = "";
	c = "";
	fingerpost!: Fingerpost;
	envoy!: Envoy;

	/** Starts all; what had started is ended if one fails. */
	static async start(options: EnvoyLabOptions): Promise<EnvoyLab> {
		const { which, clusters, staticClusters, features, locality, route, routes } = options;
		const lab = new EnvoyLab();
		try {
			for (const name of ["a", "b", "c"] as const) {
				const backend = lab.#owned.use(await startHttpBackend(name));
				lab.backends.push(backend);
				lab[name] = backend.address;
			}
			const [rest] = options.rest ? await freePorts(1) : [];
			const xds = rest && { rest: { listen: `127.0.0.1:${rest}`, refreshDelay: "200ms" } };
			lab.fingerpost = lab.#owned.use(await Fingerpost.start({ ...options.config(lab), ...(xds && { xds }) }));
			const ports = { xds: [lab.fingerpost.xdsPort], rest };
			const bootstrap = envoyBootstrap({
				mode: which.mode,
				...ports,
				clusters,
				staticClusters,
				features,
				locality,
				route,
				routes,
			});
			lab.envoy = lab.#owned.use(await Envoy.start(which.binary, bootstrap));
		} catch (reason) {
			await lab[Symbol.asyncDispose]();
			throw reason;
		}
		return lab;
	}

	/** What any client has rejected so far: Envoy's count, and the texts that Fingerpost shows. Both must stay empty. */
	async rejections(): Promise<{ count: number; texts: string[] }> {
		return { count: await this.envoy.rejected(), texts: await this.fingerpost.nacks() };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#owned.disposeAsync();
	}
}
