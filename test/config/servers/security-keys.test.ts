import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/load.js";

function read(text: string) {
	return parseConfig(`${text}\nservices: {}`, "/etc/fp/f.yaml", { env: {} });
}

/** Each problem, from its line and column on. */
function problemsOf(text: string): readonly string[] {
	try {
		read(text);
	} catch (error) {
		return (error as Error).message.split("\n").map((line) => line.replace("/etc/fp/f.yaml:", ""));
	}
	return [];
}

const TLS = "tls: {cert: c, key: k}";

describe("what a config says of who may ask and see", () => {
	it("is, unless it says anything, that whoever connects sees everything, and tools are for loopback", () => {
		const { xds, admin } = read("");
		expect(xds).toMatchObject({ denied: "hidden", debug: "loopback", insecure: false, also: [] });
		expect([xds.tls, xds.tokens, xds.access]).toEqual([undefined, undefined, undefined]);
		expect(admin).toMatchObject({ hosts: [], insecure: false, metrics: true, socketMode: "660" });
		expect([admin.tls, admin.tokens, admin.health]).toEqual([undefined, undefined, undefined]);
	});

	it("is read with all its keys", () => {
		const { xds, admin } = read(`xds:
  tls: {cert: c, key: k, clientCa: ca, crl: crl, minVersion: "1.3"}
  tokens: {issuer: "https://issuer.test", audience: fp, jwks: "https://issuer.test/keys", ca: issuer.pem}
  access:
    - {identity: "spiffe://prod/*", services: ["shop/*"], node: {id: "shop-*", cluster: shop}}
    - {identity: "*", services: []}
  denied: told
  debug: ["spiffe://prod/ops"]
  also: [{listen: "unix:/x.sock", socketMode: "0600", identity: local}]
admin:
  tls: {cert: c, key: k, clientCa: ca, crl: crl, minVersion: "1.3"}
  tokens: {viewer: v, operator: /o}
  hosts: [fp.ops.svc, fp]
  health: 0.0.0.0:3
  metrics: false`);
		const [cert, key, clientCa, crl] = ["c", "k", "ca", "crl"].map((name) => `/etc/fp/${name}`);
		const tls = { cert, key, clientCa, crl, minVersion: "1.3" };
		expect(xds).toMatchObject({
			tls,
			tokens: {
				...{ issuer: "https://issuer.test", audience: "fp" },
				...{ jwks: "https://issuer.test/keys", ca: "/etc/fp/issuer.pem" },
			},
			access: [
				{ identity: "spiffe://prod/*", services: ["shop/*"], node: { id: "shop-*", cluster: "shop" } },
				{ identity: "*", services: [] },
			],
			denied: "told",
			debug: ["spiffe://prod/ops"],
			also: [{ listen: { path: "/x.sock" }, socketMode: "0600", identity: "local" }],
		});
		expect(admin).toMatchObject({
			tls,
			tokens: { viewer: "/etc/fp/v", operator: "/o" },
			hosts: ["fp.ops.svc", "fp"],
			health: { host: "0.0.0.0", port: 3 },
			metrics: false,
		});
	});

	it("may be that nobody uses the tools, and that keys are in a file beside the config", () => {
		const { xds } = read(`xds: {${TLS}, debug: off, access: [], tokens: {issuer: i, audience: a, jwks: keys.json}}`);
		expect(xds).toMatchObject({ debug: "off", access: [], tokens: { jwks: "/etc/fp/keys.json" } });
	});

	it.each([
		// access
		["xds: {access: all}", '1:15 xds.access: expected a list of rules, not "all"'],
		["xds: {access: [all]}", '1:16 xds.access[0]: expected keys with values, not "all"'],
		[
			"xds: {access: [{services: []}]}",
			"1:16 xds.access[0].identity: expected a pattern such as spiffe://prod/ns/shop/sa/*, in which * is any run of characters, not an empty value",
		],
		[
			'xds: {access: [{identity: "*"}]}',
			"1:16 xds.access[0].services: expected a list of patterns of service names, not an empty value",
		],
		[
			"xds: {access: [{identity: 7, services: []}]}",
			"1:27 xds.access[0].identity: expected a pattern such as spiffe://prod/ns/shop/sa/*, in which * is any run of characters, not the number 7",
		],
		[
			'xds: {access: [{identity: "", services: []}]}',
			"1:27 xds.access[0].identity: expected a pattern such as spiffe://prod/ns/shop/sa/*, in which * is any run of characters",
		],
		[
			'xds: {access: [{identity: "*", services: shop}]}',
			'1:42 xds.access[0].services: expected a list of patterns of service names, not "shop"',
		],
		[
			'xds: {access: [{identity: "*", services: [shop, 7]}]}',
			"1:49 xds.access[0].services[1]: expected a pattern such as shop/*, in which * is any run of characters, not the number 7",
		],
		[
			'xds: {access: [{identity: "*", services: [], node: shop}]}',
			'1:52 xds.access[0].node: expected keys with values, not "shop"',
		],
		[
			'xds: {access: [{identity: "*", services: [], node: {id: 7, cluster: ""}}]}',
			"1:57 xds.access[0].node.id: expected a pattern such as shop-*, in which * is any run of characters, not the number 7",
			"1:69 xds.access[0].node.cluster: expected a pattern such as shop-*, in which * is any run of characters",
		],
		[
			'xds: {access: [{identity: "*", services: [], node: {zone: a}}]}',
			'1:53 xds.access[0].node.zone: unknown key "zone"; known keys: id, cluster',
		],
		[
			'xds: {access: [{identity: "*", service: []}]}',
			"1:16 xds.access[0].services: expected a list of patterns of service names, not an empty value",
			'1:32 xds.access[0].service: unknown key "service"; did you mean "services"?',
		],
		["xds: {denied: loud}", '1:15 xds.denied: expected one of hidden, told, not "loud"'],
		// debug
		["xds: {debug: on}", '1:14 xds.debug: expected loopback, off or a list of identities, not "on"'],
		[
			"xds: {debug: [7]}",
			"1:15 xds.debug[0]: expected a pattern such as spiffe://prod/ns/ops/sa/*, in which * is any run of characters, not the number 7",
		],
		[
			'xds: {debug: [""]}',
			"1:15 xds.debug[0]: expected a pattern such as spiffe://prod/ns/ops/sa/*, in which * is any run of characters",
		],
		// tokens
		["xds: {tokens: keys.json}", '1:15 xds.tokens: expected keys with values, not "keys.json"'],
		[
			`xds: {${TLS}, tokens: {}}`,
			"1:39 xds.tokens.issuer: expected the token's issuer, such as https://kubernetes.default.svc.cluster.local, not an empty value",
			"1:39 xds.tokens.audience: expected an audience such as fingerpost, not an empty value",
			"1:39 xds.tokens.jwks: expected a file or URL, not an empty value",
		],
		[
			`xds: {${TLS}, tokens: {issuer: 7, audience: "", jwks: 7}}`,
			"1:48 xds.tokens.issuer: expected the token's issuer, such as https://kubernetes.default.svc.cluster.local, not the number 7",
			"1:61 xds.tokens.audience: expected an audience such as fingerpost",
			"1:71 xds.tokens.jwks: expected a file or URL, not the number 7",
		],
		[
			`xds: {${TLS}, tokens: {issuer: i, audience: a, jwks: "http://i/keys"}}`,
			"1:70 xds.tokens.jwks: expected the path of a file, or a URL with https:// and without a user",
		],
		[
			`xds: {${TLS}, tokens: {issuer: i, audience: a, jwks: "https://me@i/keys"}}`,
			"1:70 xds.tokens.jwks: expected the path of a file, or a URL with https:// and without a user",
		],
		[
			`xds: {${TLS}, tokens: {issuer: i, audience: a, jwks: keys, ca: ca}}`,
			"1:80 xds.tokens.ca: is for keys that come by https; these come from a file",
		],
		[
			`xds: {${TLS}, tokens: {issuer: i, audience: a, jwks: keys, leeway: 1s}}`,
			'1:76 xds.tokens.leeway: unknown key "leeway"; known keys: issuer, audience, jwks, ca',
		],
		[
			"xds: {tokens: {issuer: i, audience: a, jwks: keys}}",
			"1:15 xds.tokens: would come in clear: give xds.tls, or say xds.insecure: true where the network is trusted",
		],
		// tls
		["xds: {tls: c}", '1:12 xds.tls: expected keys with values, not "c"'],
		["xds: {tls: {cert: c}}", "1:12 xds.tls.key: expected the path of a file, PEM, not an empty value"],
		[
			'xds: {tls: {cert: 7, key: ""}}',
			"1:19 xds.tls.cert: expected the path of a file, PEM, not the number 7",
			"1:27 xds.tls.key: expected the path of a file, PEM",
		],
		[
			'xds: {tls: {cert: c, key: k, minVersion: "1.1"}}',
			'1:42 xds.tls.minVersion: expected one of 1.2, 1.3, not "1.1"; did you mean "1.2"?',
		],
		[
			"xds: {tls: {cert: c, key: k, ciphers: all}}",
			'1:30 xds.tls.ciphers: unknown key "ciphers"; known keys: cert, key, clientCa, crl, minVersion',
		],
		["admin: {tls: {cert: c, key: k, crl: l}}", "1:37 admin.tls.crl: there is nothing to revoke without clientCa"],
		[
			"admin: {listen: unix:/a.sock, tls: {cert: c, key: k}}",
			"1:36 admin.tls: a Unix socket has no TLS: its mode says who may use it",
		],
		// also
		["xds: {also: 127.0.0.1:1}", '1:13 xds.also: expected a list of addresses, not "127.0.0.1:1"'],
		[
			"xds: {also: [{identity: local}]}",
			"1:14 xds.also[0].listen: expected host:port such as 127.0.0.1:18010, not an empty value",
		],
		[
			'xds: {also: [{listen: "127.0.0.1:1", identity: "a b"}]}',
			"1:48 xds.also[0].identity: expected a name of letters, digits and . _ -",
		],
		[
			'xds: {also: [{listen: "unix:/x", socketMode: 660}]}',
			'1:46 xds.also[0].socketMode: expected a mode in octal such as "660", in quotes, not the number 660',
		],
		// admin
		["admin: {tokens: v}", '1:17 admin.tokens: expected keys with values, not "v"'],
		["admin: {tokens: {}}", "1:17 admin.tokens: expected viewer, operator or both"],
		[
			'admin: {tokens: {viewer: 7, operator: ""}}',
			"1:26 admin.tokens.viewer: expected the path of a file, with a token a line, not the number 7",
			"1:39 admin.tokens.operator: expected the path of a file, with a token a line",
		],
		[
			"admin: {tokens: {writer: w}}",
			"1:17 admin.tokens: expected viewer, operator or both",
			'1:18 admin.tokens.writer: unknown key "writer"; known keys: viewer, operator',
		],
		["admin: {hosts: fp.test}", '1:16 admin.hosts: expected a list of host names, not "fp.test"'],
		[
			'admin: {hosts: [fp.test, "fp.test:18001"]}',
			"1:26 admin.hosts[1]: expected a host name such as fingerpost.ops.svc, without port",
		],
		[
			"admin: {hosts: [7]}",
			"1:17 admin.hosts[0]: expected a host name such as fingerpost.ops.svc, without port, not the number 7",
		],
		["admin: {health: 18003}", "1:17 admin.health: expected host:port such as 0.0.0.0:18003, not the number 18003"],
		["admin: {metrics: maybe}", '1:18 admin.metrics: expected true or false, not "maybe"'],
		["admin: {insecure: 1}", "1:19 admin.insecure: expected true or false, not the number 1"],
	])("%s is refused with its place", (text, ...problems) => {
		expect(problemsOf(text)).toEqual(problems);
	});
});
