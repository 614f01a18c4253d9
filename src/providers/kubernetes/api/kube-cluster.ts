import type { RequestOptions } from "node:https";
import type { KubeConfig, User } from "@kubernetes/client-node";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { type ClusterOptions, isPlain } from "./load-kube-config.js";

/** What a request to the API server needs. */
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

/** An exec plug-in that hangs must not hold up everything for ever. */
const CREDENTIALS_TIMEOUT_MS = 30_000;

/** One cluster and who asks it. Files are read again when they are old, and when the credentials were refused. */
export class KubeCluster {
	readonly #options: ClusterOptions;
	readonly #load: (options: ClusterOptions) => Promise<KubeConfig>;
	readonly #maxAge: number;
	#config: Promise<KubeConfig> | undefined;
	#loadedAt = 0;
	/** The context that was the current one at first: another one later is meant for others, and may be another cluster. */
	#context: string | undefined;
	/** They know themselves when to look again. */
	#renewsItself = false;

	/**
	 * @param maxAge of what was read from files, in milliseconds.
	 * @param load reads it.
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
			await withinLimit(config.applyToHTTPSOptions(options));
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
			const loading = withinLimit(this.#load({ ...this.#options, context }));
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

/** exec and OpenID Connect keep what they got until it expires; running them every minute would be a burden. */
function renewsItself(user: User | null): boolean {
	return Boolean(user?.exec || (user?.authProvider && !user.authProvider.config?.tokenFile));
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(
			() => reject(new SourceFailed(`no credentials for the API server within ${CREDENTIALS_TIMEOUT_MS / 1_000} s`)),
			CREDENTIALS_TIMEOUT_MS,
		);
	});
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
