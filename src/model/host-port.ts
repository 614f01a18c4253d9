/** A host and port as in `127.0.0.1:80`, `[::1]:80`, `name:80`. */
export interface HostPort {
	/** Without brackets. */
	readonly host: string;
	readonly port: number;
}

/** Splits `host:port`; undefined if it has another form. The port is not checked against its range. */
export function splitHostPort(text: string): HostPort | undefined {
	const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,10})$/.exec(text);
	if (!match) return undefined;
	return { host: (match[1] ?? match[2]) as string, port: Number(match[3]) };
}

export function formatHostPort({ host, port }: HostPort): string {
	return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
