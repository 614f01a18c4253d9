import { splitHostPort } from "../../../model/host-port.js";

/** One server of a cluster. */
export interface EtcdServer {
	/** As it was written. */
	readonly url: string;
	/** `host:port`, an IPv6 address in brackets. */
	readonly address: string;
	/** Whether it is asked by TLS. */
	readonly secure: boolean;
}

/** etcd's own port for clients. */
const DEFAULT_PORT = 2_379;

/** `http://host:port` or `https://host:port`; undefined for anything else. */
export function parseEtcdServer(url: string): EtcdServer | undefined {
	const [, scheme, rest = ""] = /^(https?):\/\/([^/?#@\s]+)\/?$/.exec(url) ?? [];
	if (scheme === undefined) return undefined;
	const isBare = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)$/.test(rest);
	const address = isBare ? `${rest}:${DEFAULT_PORT}` : rest;
	const parts = splitHostPort(address);
	if (!parts || parts.port < 1 || parts.port > 65_535) return undefined;
	return { url, address, secure: scheme === "https" };
}
