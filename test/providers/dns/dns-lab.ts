import { afterEach, beforeEach, vi } from "vitest";
import { FakeDns } from "../../../lab/fake-dns.js";
import type { Endpoint } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import type { DnsProvider } from "../../../src/providers/dns/dns-provider.js";
import { dnsProvider } from "./told.js";

export const SRV = "_grpc._tcp.web.test";

export interface DnsLab {
	/** A new one for each test; `web.test` has two addresses. */
	readonly dns: FakeDns;
	/** A provider that asks it. */
	provider(options?: Readonly<Record<string, unknown>>): DnsProvider;
	/** Looks a target up once. */
	discover(text: string, options?: Readonly<Record<string, unknown>>): Promise<readonly Endpoint[]>;
}

/** Gives each test of the file a DNS server; delays are the longest that they can be. */
export function useDnsLab(): DnsLab {
	const { signal } = new AbortController();
	let dns: FakeDns;
	beforeEach(async () => {
		dns = await FakeDns.start();
		dns.set("web.test", "A", "60 10.0.0.1", "60 10.0.0.2");
		// What else is in this process indexes by it: the true one is never 1.
		vi.spyOn(Math, "random").mockReturnValue(1 - Number.EPSILON);
	});
	afterEach(async () => {
		vi.restoreAllMocks();
		await dns.close();
	});
	const provider: DnsLab["provider"] = (options = {}) => dnsProvider({ servers: [dns.address], ...options });
	return {
		get dns() {
			return dns;
		},
		provider,
		discover: (text, options) => provider(options).discover(parseTarget(text), { signal }),
	};
}
