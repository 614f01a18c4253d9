import type { RequestOptions } from "node:https";
import type { KubeConfig, User } from "@kubernetes/client-node";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { withinLimit } from "../../../util/time-limit.js";
import { type ClusterOptions, isPlain } from "./load-kube-config.js";

/** The address and the credentials for a request. */
export interface Access {
	/** Where the API begins; without a slash at the end. */
	readonly server: string;
	/** TLS settings and headers with the credentials. */
	readonly options: RequestOptions;
	/** Whether the options' own agent must be used: it leads through a proxy. */
	readonly proxied: boolean;
	/** Whether credentials, if there are any, were left out because the server is reached by plain HTTP. */
	readonly withheld: boolean;
}

/** The limit for an exec plug-in, which may hang. */
const CREDENTIALS_TIMEOUT_MS = 30_000;
const LIMIT = { ms: CREDENTIALS_TIMEOUT_MS, late };

/**
 * A cluster's address and credentials. Reads the files again when they are old, and after a 401.
 */
export class KubeCluster {
	readonly #options: ClusterOptions;
	readonly #load: (options: ClusterOptions) => Promise<KubeConfig>;
	readonly #maxAge: number;
	#config: Promise<KubeConfig> | undefined;
	#loadedAt = 0;
	/**
	 * The first current context. A later change of it is meant for kubectl, and may be another
	 * cluster.
	 */
	#context: string | undefined;
	/** Whether the credentials renew themselves. */
	#renewsItself = false;

	/**
	 * @param maxAge of the files' contents, in milliseconds.
	 * @param load reads the files.
	 */
	constructor(options: ClusterOptions, maxAge: number, load: (options: ClusterOptions) => Promise<KubeConfig>) {
		this.#options = options;
		this.#maxAge = maxAge;
		this.#load = load;
	}

	/** @throws SourceFailed */
	async access(): Promise<Access> {
		const config = await this.#current();
		const options: RequestOptions = {};
		try {
			await withinLimit(LIMIT, () => config.applyToHTTPSOptions(options));
		} catch (cause) {
			if (cause instanceof SourceFailed) throw cause;
			throw new SourceFailed(`no credentials for the API server: ${messageOf(cause)}`, { cause });
		}
		const { server, proxyUrl } = config.getCurrentCluster() ?? { server: "", proxyUrl: undefined };
		const headers = { ...options.headers } as Record<string, string>;
		// A token's file may end in a line break, which no header may hold.
		for (const [name, value] of Object.entries(headers)) headers[name] = value.trim();
		return {
			server: server.replace(/\/+$/, ""),
			options: { ...options, headers },
			proxied: Boolean(proxyUrl),
			withheld: isPlain(server) && !this.#options.insecure,
		};
	}

	/** The next access reads everything again. */
	forget(): void {
		this.#config = undefined;
	}

	async #current(): Promise<KubeConfig> {
		const old = performance.now() - this.#loadedAt > this.#maxAge && !this.#renewsItself;
		if (!this.#config || old) {
			const { context = this.#context } = this.#options;
			const loading = withinLimit(LIMIT, () => this.#load({ ...this.#options, context }));
			this.#config = loading;
			this.#loadedAt = performance.now();
			loading.then(
				(config) => {
					this.#context ??= config.getCurrentContext();
					this.#renewsItself = renewsItself(config.getCurrentUser());
				},
				() => {
					if (this.#config === loading) this.#config = undefined;
				},
			);
		}
		return this.#config;
	}
}

/** exec and OpenID Connect keep a token until it expires; they must not run every minute. */
function renewsItself(user: User | null): boolean {
	return Boolean(user?.exec || (user?.authProvider && !user.authProvider.config?.tokenFile));
}

function late(): SourceFailed {
	return new SourceFailed(`no credentials for the API server within ${CREDENTIALS_TIMEOUT_MS / 1_000} s`);
}
