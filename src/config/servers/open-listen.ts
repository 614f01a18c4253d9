import { formatListen, isLocal, type ListenAddress } from "../../model/listen/listen-address.js";

/** The part of a server's settings that says who can read along. */
export interface Openness {
	readonly insecure?: boolean | undefined;
	readonly tls?: object | undefined;
}

/**
 * Why a server may not listen there; undefined if it may.
 * @param server `xds` or `admin`: where the keys stand.
 */
export function openListenProblem(address: ListenAddress, server: string, open: Openness): string | undefined {
	if (isLocal(address) || open.tls || open.insecure) return undefined;
	return `${formatListen(address)} is for other machines too, and in clear: give ${server}.tls, or say ${server}.insecure: true where the network is trusted`;
}
