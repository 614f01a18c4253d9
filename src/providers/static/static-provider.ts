import { type Endpoint, endpoint } from "../../model/endpoint.js";
import { parseEndpointAddress } from "../../model/endpoint-address.js";
import type { Target } from "../../model/target.js";
import { InvalidTarget } from "../../util/errors.js";
import type { Provider, TargetObserver } from "../provider.js";

/** `static://host:port`, plain `host:port`, `http://host[:port]`: the one endpoint that the target itself names. */
export class StaticProvider implements Provider {
	check(target: Target): string | undefined {
		const read = readStatic(target);
		return typeof read === "string" ? read : undefined;
	}

	async discover(target: Target, { signal }: { readonly signal: AbortSignal }): Promise<readonly Endpoint[]> {
		signal.throwIfAborted();
		const read = readStatic(target);
		if (typeof read === "string") throw new InvalidTarget(`"${target.text}": ${read}`);
		return [read];
	}

	watch(target: Target, observer: TargetObserver, { signal }: { readonly signal: AbortSignal }): void {
		if (signal.aborted) return;
		const read = readStatic(target);
		if (typeof read === "string") observer.failed(new InvalidTarget(`"${target.text}": ${read}`));
		else observer.endpoints([read]);
	}
}

/** The endpoint, or why there is none. */
function readStatic(target: Target): Endpoint | string {
	const { scheme, authority, path, query, text } = target;
	if (scheme === "https") {
		return "https needs TLS to the endpoints, which this version does not have yet; use http:// or host:port";
	}
	if (authority === "") return `expected ${scheme}://host${scheme === "http" ? "[:port]" : ":port"}`;
	if ((path !== "" && path !== "/") || query.size > 0)
		return "only an address and port may follow; requests bring their own path";
	const parsed = parseEndpointAddress(scheme === "http" ? withPort(authority) : authority);
	if (parsed.problem !== undefined) return parsed.problem;
	return endpoint({ address: parsed.address, port: parsed.port, health: "healthy", origin: { target: text } });
}

/** Port 80 unless one is given. */
function withPort(authority: string): string {
	return /^(?:\[[^\]]*\]|[^:]*)$/.test(authority) ? `${authority}:80` : authority;
}
