import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/**
 * The addresses of a host, as the system knows them; the host itself where it is an address or this machine: a name of
 * this machine has an address of each family, and one process behind both.
 * @throws what the look-up says.
 */
export async function addressesOf(host: string): Promise<readonly string[]> {
	if (isIP(host) !== 0) return [host];
	const found = (await lookup(host, { all: true })).map(({ address }) => address);
	return found.every((address) => address === "::1" || address.startsWith("127.")) ? [host] : [...new Set(found)];
}
