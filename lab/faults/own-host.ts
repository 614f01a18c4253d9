let hosts = 0;

/**
 * A loopback address that nobody else uses: who stops listening there for a while gets its port back. A port of 127.0.0.1
 * would be taken by the next program that looks for a free one.
 */
export function ownHost(): string {
	const n = ++hosts;
	return `127.${20 + (process.pid % 200)}.${n >> 8}.${n & 255}`;
}

/** The one that all use there. */
export const PORT = 20_000;
