import type { ProviderKind } from "../provider-kind.js";
import { checkBy } from "../read-target.js";
import { dnsOptions } from "./dns-options.js";
import { DnsProvider } from "./dns-provider.js";
import { readDnsTarget } from "./dns-target.js";

/** The `dns` provider: SRV, A and AAAA records. */
export const dnsKind: ProviderKind<typeof dnsOptions> = {
	type: "dns",
	schemes: ["dns"],
	example: "dns:///web.internal:8080",
	options: dnsOptions,
	check: checkBy(readDnsTarget),
	create: (options) => new DnsProvider(options),
};
