import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { SecureContext } from "node:tls";
import { SourceFailed } from "../../util/errors.js";
import { environmentProxy } from "./environment-proxy.js";

/** TCP keep-alive notices a dead host; time limits notice a server that does not respond. */
const KEEP_ALIVE_MS = 15_000;

/** Connections that are kept for the next request, of one set of certificates. */
export class Agents {
	readonly #secureContext: SecureContext | undefined;
	readonly #isDirect: boolean;
	readonly #agents = new Map<string, HttpAgent>();

	/** @param isDirect whether proxies of the environment are passed by. */
	constructor(secureContext: SecureContext | undefined, isDirect = false) {
		this.#secureContext = secureContext;
		this.#isDirect = isDirect;
	}

	/** The one for the URL: it leads through a proxy where the environment names one. @throws SourceFailed */
	for(url: URL): HttpAgent {
		const proxy = this.#isDirect ? undefined : proxyFor(url);
		const key = `${url.protocol} ${proxy ?? ""}`;
		const agent = this.#agents.get(key) ?? this.#new(url.protocol, proxy);
		this.#agents.set(key, agent);
		return agent;
	}

	/** Ends the connections that nobody uses now, and each other one after its answer. */
	retire(): void {
		for (const agent of this.#agents.values()) {
			for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
			agent.maxFreeSockets = 0;
		}
		this.#agents.clear();
	}

	/** Ends all connections. */
	destroy(): void {
		for (const agent of this.#agents.values()) agent.destroy();
		this.#agents.clear();
	}

	#new(protocol: string, proxy: string | undefined): HttpAgent {
		const proxyEnv = proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
		const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, ...proxyEnv };
		if (protocol !== "https:") return new HttpAgent(options);
		return new HttpsAgent({ ...options, ...(this.#secureContext && { secureContext: this.#secureContext }) });
	}
}

function proxyFor(url: URL): string | undefined {
	let proxy: string | undefined;
	try {
		proxy = environmentProxy(url.href);
	} catch (cause) {
		throw new SourceFailed((cause as Error).message, { cause });
	}
	if (proxy === undefined) return undefined;
	if (!/^https?:/.test(proxy)) {
		throw new SourceFailed(`the environment names a SOCKS proxy for ${url.host}; set an HTTP proxy, or NO_PROXY`);
	}
	if (!knowsProxies(process.versions.node)) {
		throw new SourceFailed(`the environment names a proxy for ${url.host}, which needs Node 22.21, 24.5 or later`);
	}
	return proxy;
}

/** Whether the agents of this version of Node can use a proxy. */
export function knowsProxies(version: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}
