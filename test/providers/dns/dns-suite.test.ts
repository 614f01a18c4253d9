import { FakeDns } from "../../../lab/fake-dns.js";
import { DnsProvider } from "../../../src/providers/dns/dns-provider.js";
import { providerSuite } from "../suite.js";
import { dnsOptions, dnsProvider } from "./told.js";

providerSuite("dns", {
	async start(timing) {
		const dns = await FakeDns.start();
		const settings = { servers: [dns.address], emptyAnswers: 1, emptyAfter: "0s" };
		const quick = { minInterval: 20, maxInterval: 40, timeout: 2_000 };
		return {
			provider: timing === "default" ? dnsProvider(settings) : new DnsProvider({ ...dnsOptions(settings), ...quick }),
			target: (n) => `dns:///_web${n}._tcp.web.test`,
			set(n, addresses) {
				const name = `_web${n}._tcp.web.test`;
				const ports = addresses.map((address) => address.split(":")[1]);
				dns.set("web.test", "A", "60 127.0.0.1");
				dns.set(name, "SRV", ...ports.map((port) => `20 1 1 ${port} web.test`));
			},
			fail() {
				dns.react = () => ({ rcode: "SERVFAIL" });
			},
			fallSilent() {
				dns.react = () => ({ silent: true });
			},
			recover() {
				dns.react = () => undefined;
			},
			requests: () => dns.count(),
			open: () => dns.connections,
			[Symbol.asyncDispose]: () => dns.close(),
		};
	},
	invalid: "dns:///a..b",
});
