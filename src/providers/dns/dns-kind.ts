import type { Target } from "../../model/target.js";
import type { ProviderKind } from "../provider-kind.js";
import { dnsOptionsSchema } from "./dns-options.js";
import { DnsProvider } from "./dns-provider.js";
import { parseDnsTarget } from "./dns-target.js";

/** The `dns` provider, as the config can make instances of it. */
export const dnsKind: ProviderKind<typeof dnsOptionsSchema> = {
	type: "dns",
	schemes: ["dns"],
	options: dnsOptionsSchema,
	check(target: Target): string | undefined {
		const parsed = parseDnsTarget(target);
		return typeof parsed === "string" ? parsed : undefined;
	},
	create: (options) => new DnsProvider(options),
};
