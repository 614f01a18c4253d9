import { addressOf, type Endpoint, type Origin } from "../model/endpoint.js";
import { isAddress, isHostname } from "../model/endpoint-address.js";
import { parseTarget, type Target } from "../model/target.js";
import { ServiceNotFound } from "../util/errors.js";
import type { Provider } from "./provider.js";

/** The target by which the host name that stands in an endpoint's address is looked up. */
export function hostTarget(named: Endpoint): Target {
	return parseTarget(`dns:///${addressOf(named)}`);
}

/** The named endpoint at one of the addresses of its name: it takes over all that was said of the name. */
export function atAddress(named: Endpoint, { address, port, origin }: Endpoint): Endpoint {
	return {
		...named,
		address,
		port,
		hostname: named.hostname ?? named.address,
		...(named.origin && { origin: foundBy(origin, named.origin) }),
	};
}

/** The record is what there is to be seen of an address; which target the name is of stays. */
function foundBy(found: Origin | undefined, named: Origin): Origin {
	return found?.object === undefined ? named : { ...found, target: named.target };
}

/** A provider may be anybody's: what is neither an address nor a name is left to those who look at that. */
function isNamed({ address }: Endpoint): boolean {
	return typeof address === "string" && !isAddress(address) && isHostname(address);
}

/**
 * Replaces host names by their addresses, once. A name that does not exist is left out, as a control plane would do.
 * @param lookUp a target of `hostTarget`.
 * @throws ServiceNotFound if nothing is left but names that do not exist; what `lookUp` throws else.
 */
export async function resolveHosts(
	list: readonly Endpoint[],
	lookUp: (target: Target) => Promise<readonly Endpoint[]>,
): Promise<readonly Endpoint[]> {
	const missing: ServiceNotFound[] = [];
	const found = await Promise.all(
		list.map(async (e) => {
			if (!isNamed(e)) return [e];
			try {
				return (await lookUp(hostTarget(e))).map((one) => atAddress(e, one));
			} catch (error) {
				if (!(error instanceof ServiceNotFound)) throw error;
				missing.push(error);
				return [];
			}
		}),
	);
	const endpoints = found.flat();
	if (endpoints.length === 0 && missing[0]) throw missing[0];
	return endpoints;
}

/** The same by the provider for `dns`; without one the names stay. */
export async function resolveWith(
	dns: Pick<Provider, "discover"> | undefined,
	list: readonly Endpoint[],
	signal: AbortSignal,
): Promise<readonly Endpoint[]> {
	return dns ? resolveHosts(list, (host) => dns.discover(host, { signal })) : list;
}
