// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of configs
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { loadConfig, parseConfig } from "../../src/config/load.js";
import { InvalidConfig } from "../../src/input/invalid-config.js";
import { DEFAULT_LIMITS } from "../../src/model/limits.js";
import { hasSettings } from "../../src/providers/provider-kind.js";
import { PROVIDER_KINDS } from "../../src/providers/provider-kinds.js";
import { Registry } from "../../src/providers/registry.js";
import { tempFolder } from "../util/temp-folder.js";

const registry = new Registry();
const KINDS = PROVIDER_KINDS.filter(hasSettings)
	.map(({ type }) => type)
	.join(", ");
const env = { PORT: "8080", HOST: "10.0.0.1" };

function read(text: string) {
	return parseConfig(text, "f.yaml", { registry, env });
}

function problemsOf(text: string): readonly string[] {
	try {
		read(text);
	} catch (error) {
		expect(error).toBeInstanceOf(InvalidConfig);
		expect((error as InvalidConfig).code).toBe("INVALID_CONFIG");
		return (error as InvalidConfig).message.split("\n");
	}
	throw new Error("it was read");
}

describe("a config", () => {
	it("needs no more than its services, and may have none", () => {
		expect(read("services: {}")).toMatchObject({
			xds: { listen: { host: "127.0.0.1", port: 18000 } },
			admin: { listen: { host: "127.0.0.1", port: 18001 } },
			removalGrace: 30_000,
			syncDeadline: 10_000,
			maxEndpoints: 50_000,
			providers: new Map(),
			services: new Map(),
		});
	});

	it.each([
		["xds: {listen: 0.0.0.0:1}", "1:15 xds.listen: 0.0.0.0:1 ", "xds"],
		['xds: {listen: "[::]:1"}', "1:15 xds.listen: [::]:1 ", "xds"],
		["xds: {rest: {listen: 10.0.0.1:1}}", "1:22 xds.rest.listen: 10.0.0.1:1 ", "xds"],
		["admin: {listen: name.test:1}", "1:17 admin.listen: name.test:1 ", "admin"],
	])("refuses an address for other machines in clear, with the two ways out: %s", (text, place, server) => {
		const problem = `fingerpost.yaml:${place}is for other machines too, and in clear: give ${server}.tls, or say ${server}.insecure: true where the network is trusted`;
		expect(() => parseConfig(`${text}\nservices: {}`, "fingerpost.yaml", { env: {} })).toThrow(problem);
		const open = text.replace(/^(\w+: )\{/, "$1{insecure: true, ");
		parseConfig(`${open}\nservices: {}`, "fingerpost.yaml", { env: {} });
		const tls = text.replace(/^(\w+: )\{/, "$1{tls: {cert: c, key: k}, ");
		parseConfig(`${tls}\nservices: {}`, "fingerpost.yaml", { env: {} });
	});

	it("takes files of TLS and tokens as they are, or from the folder of the config", () => {
		const text =
			"xds: {tls: {cert: a/c, key: /k, clientCa: ca, crl: ../crl}}\nadmin: {tokens: {viewer: v}}\nservices: {}";
		const { xds, admin } = parseConfig(text, "/etc/fp/fingerpost.yaml", { env: {} });
		const files = { cert: "/etc/fp/a/c", key: "/k", clientCa: "/etc/fp/ca", crl: "/etc/crl", minVersion: "1.2" };
		expect(xds.tls).toEqual(files);
		expect(admin.tokens).toEqual({ viewer: "/etc/fp/v" });
	});

	it("refuses a list of revoked certificates without their CA, and no tokens at all", () => {
		const text = "xds: {tls: {cert: c, key: k, crl: l}}\nadmin: {tokens: {}}\nservices: {}";
		const read = () => parseConfig(text, "f", { env: {} });
		expect(read).toThrow("f:1:35 xds.tls.crl: there is nothing to revoke without clientCa");
		expect(read).toThrow("admin.tokens: expected viewer, operator or both");
	});

	it("takes more addresses in clear on loopback, and no others", () => {
		const also = (listen: string) =>
			parseConfig(`xds: {also: [{listen: "${listen}"}]}\nservices: {}`, "f", { env: {} });
		expect(also("127.0.0.1:1").xds.also).toMatchObject([{ listen: { host: "127.0.0.1", port: 1 } }]);
		expect(also("unix:/run/x.sock").xds.also).toMatchObject([{ listen: { path: "/run/x.sock" }, socketMode: "660" }]);
		expect(() => also("10.0.0.1:1")).toThrow("f:1:23 xds.also[0].listen: is in clear, so it has to be on loopback");
	});

	it("takes a Unix socket for the admin API", () => {
		const socket = (text: string) => parseConfig(`admin: {listen: "${text}"}\nservices: {}`, "f", { env: {} }).admin;
		expect(socket("unix:/run/a.sock")).toMatchObject({ listen: { path: "/run/a.sock" }, socketMode: "660" });
		expect(() => socket("unix:a.sock")).toThrow("expected a full path such as unix:/run/fingerpost/admin.sock");
		expect(() => socket(`unix:/${"a".repeat(107)}`)).toThrow("at most 107 bytes");
	});

	it("takes all keys", () => {
		const config = read(
			'xds: {listen: "[::]:0", insecure: true}\nadmin: {listen: localhost:0}\nremovalGrace: 0s\nsyncDeadline: 1m30s\nproviders: {}\nservices: {}',
		);
		expect(config).toMatchObject({
			xds: { listen: { host: "::", port: 0 } },
			admin: { listen: { host: "localhost", port: 0 } },
			removalGrace: 0,
			syncDeadline: 90_000,
			maxEndpoints: 50_000,
		});
	});

	it("takes a time to live and settings of REST, which are off by default", () => {
		const { ttl, rest } = read("services: {}").xds;
		expect([ttl, rest]).toEqual([undefined, { cluster: "fingerpost-rest", refreshDelay: 5_000 }]);
		const config = read('xds: {ttl: 5m, rest: {listen: "127.0.0.1:0", cluster: c, refreshDelay: 1s}}\nservices: {}');
		const listen = { host: "127.0.0.1", port: 0 };
		expect(config.xds).toMatchObject({ ttl: 300_000, rest: { listen, cluster: "c", refreshDelay: 1_000 } });
		expect(read("xds: {ttl: 0s}\nservices: {}").xds.ttl).toBe(0);
		expect(
			problemsOf('xds: {ttl: 999ms, rest: {listen: 1, cluster: "", refreshDelay: 0s, port: 1}}\nservices: {}'),
		).toEqual([
			"f.yaml:1:12 xds.ttl: expected 0s or at least 1s",
			"f.yaml:1:34 xds.rest.listen: expected host:port such as 127.0.0.1:18002, not the number 1",
			"f.yaml:1:46 xds.rest.cluster: expected the name of a cluster",
			'f.yaml:1:64 xds.rest.refreshDelay: expected a duration such as 5s, at least 1ms, not "0s"',
			'f.yaml:1:68 xds.rest.port: unknown key "port"; known keys: listen, cluster, refreshDelay',
		]);
	});

	it("takes limits, each with a default, and says what one may be", () => {
		const { limits } = read("xds: {limits: {names: 10, requestsPerSecond: 5}}\nservices: {}").xds;
		expect(limits).toEqual({ ...DEFAULT_LIMITS, names: 10, requestsPerSecond: 5 });
		expect(problemsOf("xds: {limits: {names: 0, streams: 1.5, nameLength: x, name: 1}}\nservices: {}")).toEqual([
			"f.yaml:1:23 xds.limits.names: a limit is at least 1, not 0",
			"f.yaml:1:35 xds.limits.streams: expected a whole number such as 50000, not the number 1.5",
			'f.yaml:1:52 xds.limits.nameLength: expected a whole number such as 4096, not "x"',
			'f.yaml:1:55 xds.limits.name: unknown key "name"; did you mean "names"?',
		]);
	});

	it("takes every form of a service", () => {
		const { services } = read(`
services:
  short: 127.0.0.1:80
  one: {target: "file:///a.yaml", connectTimeout: 1s}
  inline: {protocol: grpc, endpoints: [127.0.0.1:80, {address: "[::1]:80", weight: 50}]}
  empty: {endpoints: []}
  many:
    protocol: http2
    targets:
      - http://127.0.0.1
      - {target: static://127.0.0.1:81, priority: 1}
`);
		expect([...services.keys()]).toEqual(["short", "one", "inline", "empty", "many"]);
		expect(services.get("short")).toMatchObject({ name: "short", protocol: "http1", connectTimeout: 5_000 });
		expect(services.get("short")?.targets).toMatchObject([{ target: { scheme: "static" }, priority: 0 }]);
		expect(services.get("short")).not.toHaveProperty("endpoints");
		expect(services.get("one")).toMatchObject({ connectTimeout: 1_000, targets: [{ target: { path: "/a.yaml" } }] });
		expect(services.get("inline")).toMatchObject({
			protocol: "grpc",
			targets: [],
			endpoints: [
				{ address: "127.0.0.1", weight: 100, origin: { target: "inline", object: "f.yaml" } },
				{ address: "::1", weight: 50 },
			],
		});
		expect(services.get("empty")).toMatchObject({ targets: [], endpoints: [] });
		expect(services.get("many")?.targets.map((t) => [t.target.text, t.priority])).toEqual([
			["http://127.0.0.1", 0],
			["static://127.0.0.1:81", 1],
		]);
	});

	it("keeps duplicates and priority gaps, which the catalog mends", () => {
		const { services } = read("services: {a: {endpoints: [1.2.3.4:5, 1.2.3.4:5, {address: 1.2.3.4:6, priority: 9}]}}");
		expect(services.get("a")?.endpoints).toHaveLength(3);
	});

	it("is the same as YAML, JSON, with CRLF and with a byte order mark", () => {
		const yaml = "services:\n  a: {endpoints: [1.2.3.4:5]}\n";
		const { services } = read(yaml);
		for (const text of [
			yaml.replaceAll("\n", "\r\n"),
			`\uFEFF${yaml}`,
			'{"services":{"a":{"endpoints":["1.2.3.4:5"]}}}',
		]) {
			expect(read(text).services).toEqual(services);
		}
	});

	it("may use anchors", () => {
		const { services } = read("services:\n  a: {endpoints: &e [1.2.3.4:5]}\n  b: {endpoints: *e, protocol: grpc}");
		expect(services.get("b")?.endpoints).toEqual(services.get("a")?.endpoints);
	});

	it("may merge what keys of its own hold, x-…, in YAML and in JSON", () => {
		const yaml = `x-defaults: &d {protocol: grpc, connectTimeout: 1s}
x-more: [&m {connectTimeout: 2s, endpoints: []}]
services:
  a: {<<: *d, endpoints: [1.2.3.4:5]}
  b: {<<: [*d, *m]}
  c: {connectTimeout: 3s, <<: *m}
`;
		expect([...read(yaml).services.values()]).toMatchObject([
			{ name: "a", protocol: "grpc", connectTimeout: 1_000, endpoints: [{ port: 5 }] },
			{ name: "b", protocol: "grpc", connectTimeout: 1_000, endpoints: [] },
			{ name: "c", protocol: "http1", connectTimeout: 3_000, endpoints: [] },
		]);
		expect(read('{"x-any": {"a": [1]}, "services": {}}').services.size).toBe(0);
		expect(problemsOf("services: {x-a: {x-b: 1, endpoints: []}}")).toEqual([
			expect.stringContaining('f.yaml:1:18 services.x-a.x-b: unknown key "x-b"'),
		]);
	});

	it("takes variables from the environment, unquoted ones as what they then are", () => {
		const { services } = read(
			'services:\n  a:\n    endpoints:\n      - address: ${HOST}:${PORT}\n        weight: ${WEIGHT:-7}\n        metadata: {price: "5$$", port: "${PORT}"}',
		);
		expect(services.get("a")?.endpoints).toMatchObject([
			{ address: "10.0.0.1", port: 8080, weight: 7, metadata: { price: "5$", port: "8080" } },
		]);
	});

	it("has a digest of its text", () => {
		expect(read("services: {}").digest).toBe(read("services: {}").digest);
		expect(read("services: {}").digest).not.toBe(read("services: {} ").digest);
	});
});

describe("an invalid config", () => {
	it.each([
		["", "f.yaml:1:1 the file is empty"],
		[
			"xds: {}",
			"f.yaml:1:1 services: is missing; without services there is nothing to serve: give at least services: {}",
		],
		[
			"services:",
			"f.yaml:1:1 services: expected services by their names, not an empty value; none at all is services: {}",
		],
		["services: []", "f.yaml:1:11 services: expected services by their names, not a list; none at all is services: {}"],
		[
			"services:\n  web:\n",
			"f.yaml:2:3 services.web: expected a target such as file:///etc/endpoints.yaml, or keys with a target, targets or endpoints, not an empty value",
		],
		["servces: {}", 'f.yaml:1:1 servces: unknown key "servces"; did you mean "services"?'],
		["servces: {}\nservices: {}", 'f.yaml:1:1 servces: unknown key "servces"; did you mean "services"?'],
		[
			"services:\n  a b: 1.2.3.4:5",
			'f.yaml:2:3 services["a b"]: a service name has only letters, digits and . _ - : /',
		],
		["services: {'*': 1.2.3.4:5}", 'f.yaml:1:12 services["*"]: a service name has only letters, digits and . _ - : /'],
		[
			"services: {a: {}}",
			"f.yaml:1:15 services.a: expected exactly one of target, targets and endpoints, none is given",
		],
		[
			"services: {a: {target: 1.2.3.4:5, endpoints: []}}",
			"f.yaml:1:15 services.a: expected exactly one of target, targets and endpoints, target and endpoints are given",
		],
		[
			"services: {a: {endpoint: []}}",
			'f.yaml:1:16 services.a.endpoint: unknown key "endpoint"; did you mean "endpoints"?',
		],
		["services: {a: {targets: []}}", "f.yaml:1:25 services.a.targets: expected at least one target"],
		[
			"services: {a: {endpoints: }}",
			"f.yaml:1:16 services.a.endpoints: expected a list of endpoints such as [127.0.0.1:8080], not an empty value",
		],
		[
			"services: {a: {targets: [{target: 1.2.3.4:5, priority: 129}]}}",
			"f.yaml:1:56 services.a.targets[0].priority: a priority is a whole number from 0 to 128, not the number 129",
		],
		[
			"services: {a: {endpoints: [], protocol: grcp}}",
			'f.yaml:1:41 services.a.protocol: expected one of http1, http2, grpc, not "grcp"; did you mean "grpc"?',
		],
		[
			"services: {a: {endpoints: [], connectTimeout: 5}}",
			"f.yaml:1:47 services.a.connectTimeout: expected a duration such as 5s, not the number 5",
		],
		[
			"services: {a: {endpoints: [], connectTimeout: 0s}}",
			'f.yaml:1:47 services.a.connectTimeout: expected a duration such as 5s, at least 1ms, not "0s"',
		],
		["removalGrace: 30 s\nservices: {}", 'f.yaml:1:15 removalGrace: expected a duration such as 30s, not "30 s"'],
		[
			"xds: {listen: 5}\nservices: {}",
			"f.yaml:1:15 xds.listen: expected host:port such as 127.0.0.1:18000, not the number 5",
		],
		...[":18000", "18000"].map((text) => [
			`xds: {listen: "${text}"}\nservices: {}`,
			"f.yaml:1:15 xds.listen: expected host:port such as 127.0.0.1:18000 or [::1]:18000; port 0 takes a free one; for all interfaces write 0.0.0.0:18000, for this machine 127.0.0.1:18000",
		]),
		["xds: {listen: 127.0.0.1:65536}\nservices: {}", "f.yaml:1:15 xds.listen: the port must be 0 to 65535, not 65536"],
		[
			"admin: {listen: 1.2.3:80}\nservices: {}",
			'f.yaml:1:17 admin.listen: "1.2.3" is neither an IP address nor a name',
		],
		["admin:\nservices: {}", "f.yaml:1:1 admin: expected keys with values, not an empty value"],
		[
			"providers: {dns: {timeout: 10}}\nservices: {}",
			"f.yaml:1:28 providers.dns.timeout: expected a duration such as 10s, not the number 10",
		],
		[
			"providers: {dns: {timout: 10s}}\nservices: {}",
			'f.yaml:1:19 providers.dns.timout: unknown key "timout"; did you mean "timeout"?',
		],
		[
			"providers: {dsn: {}}\nservices: {}",
			'f.yaml:1:18 providers.dsn: there is no provider "dsn" with settings; did you mean "dns"?',
		],
		[
			"providers: {eu: {type: dsn}}\nservices: {}",
			`f.yaml:1:24 providers.eu.type: expected one of ${KINDS}, not "dsn"; did you mean "dns"?`,
		],
		[
			"providers: {eu: {type: dns, servers: [x]}}\nservices: {a: eu:///web:80}",
			'f.yaml:1:39 providers.eu.servers[0]: expected a server\'s IP address, with a port if it is not 53, such as 10.0.0.2 or "[::1]:5353", not "x"',
		],
		[
			"providers: {static: {type: dns}}\nservices: {}",
			"f.yaml:1:21 providers.static: the scheme static is served by a provider that has no settings; choose another name",
		],
		[
			"providers: {k8s: {context: eu}}\nservices: {}",
			"f.yaml:1:18 providers.k8s: the scheme k8s is served by kubernetes, whose settings stand under that name; choose another name",
		],
		[
			"providers: 5\nservices: {}",
			"f.yaml:1:12 providers: expected settings by the names of providers, not the number 5",
		],
		["providers: {dns: }\nservices: {}", "f.yaml:1:13 providers.dns: expected keys with values, not an empty value"],
		[
			"services: {a: nope:///x}",
			`f.yaml:1:15 services.a: no provider for the scheme "nope"; known schemes: ${registry.schemes.join(", ")}`,
		],
		[
			"providers: {eu: {type: dns}}\nservices: {a: us:///x}",
			`f.yaml:2:15 services.a: no provider for the scheme "us"; known schemes: ${[...registry.schemes, "eu"].sort().join(", ")}`,
		],
		[
			"services: {a: dns:///1.2.3.4:80}",
			'f.yaml:1:15 services.a: "dns:///1.2.3.4:80": "1.2.3.4" is an IP address, which needs no DNS; write it as IP:PORT',
		],
		[
			"services: {a: k8s:///web}",
			'f.yaml:1:15 services.a: "k8s:///web": expected k8s:///namespace/service or k8s:///namespace/service:port',
		],
		[
			"services: {a: 'file://./x'}",
			'f.yaml:1:15 services.a: "file://./x": a file\'s path is absolute: file:///path/endpoints.yaml; "./x" does not begin with /',
		],
		[
			"services:\n  a: ${NONE}",
			"f.yaml:2:6 services.a: the environment variable NONE is not set; set it, or give a default: ${NONE:-default}",
		],
		["services: {a: {target: ${X}}}", "f.yaml:1:25 put ${…} in quotes here, inside of { } or [ ]"],
		["services: {}\nservices: {}", "f.yaml:2:1 services: duplicate key; the first one is on line 1"],
		["services:\n\ta: 1", "f.yaml:2:1 a tab is not allowed as indentation; use spaces"],
	])("%j is refused with its place", (text, problem) => {
		expect(problemsOf(text)).toEqual([problem]);
	});

	it("does not show what its variables stand for", () => {
		const secret = { S: "hunter2" };
		const text = "xds: {listen: '${S}'}\nservices:\n  a: {endpoints: ['${S}:0', '${S}']}\n  b: ${S}\n";
		expect(() => parseConfig(text, "f.yaml", { registry, env: secret })).toThrow(
			expect.objectContaining({
				message: expect.not.stringContaining("hunter2"),
				problems: [
					expect.objectContaining({ line: 1, column: 15, path: "xds.listen" }),
					expect.objectContaining({ line: 3, column: 19, path: "services.a.endpoints[0]" }),
					expect.objectContaining({ line: 3, column: 29, path: "services.a.endpoints[1]" }),
					expect.objectContaining({ line: 4, column: 6, path: "services.b" }),
				],
			}),
		);
	});

	it("tells what is wrong with settings of providers beside what is wrong with their names", () => {
		const text = `providers:
  dns: {timout: 10s}
  EU: {type: dns, servers: [x]}
  k8s: {context: eu}
  us: {type: kubernetes, contxt: us}
services: {}`;
		expect(problemsOf(text).map((problem) => problem.replace(/^(\S+ \S+) .*/, "$1"))).toEqual([
			"f.yaml:2:9 providers.dns.timout:",
			"f.yaml:3:7 providers.EU:",
			"f.yaml:4:8 providers.k8s:",
			"f.yaml:5:26 providers.us.contxt:",
		]);
	});

	it("tells everything at once, of every kind, in the order of the text", () => {
		const problems = problemsOf(
			"xds: {lisen: 1}\nservices:\n  a: ${NONE}\n  a: web..x:80\n  b:\n  c: {endpoints: [1.2.3.4:0, {}], protocol: x}\nfoo: 1",
		);
		expect(problems.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
			"f.yaml:1:7 xds.lisen:",
			"f.yaml:3:6 services.a:",
			"f.yaml:4:3 services.a:",
			"f.yaml:5:3 services.b:",
			"f.yaml:6:19 services.c.endpoints[0]:",
			"f.yaml:6:30 services.c.endpoints[1].address:",
			"f.yaml:6:45 services.c.protocol:",
			"f.yaml:7:1 foo:",
		]);
	});

	it("places an error of a service's name that needs quotes in its path", () => {
		expect(problemsOf("services:\n  a.b/c: {endpoints: [x]}")[0]).toMatch(
			/^f.yaml:2:23 services\["a.b\/c"\].endpoints\[0\]: /,
		);
	});
});

describe("loading a config", () => {
	it("reads the file", async () => {
		await using folder = await tempFolder();
		await writeFile(folder.file("c.yaml"), "services: {a: 1.2.3.4:5}");
		expect((await loadConfig(folder.file("c.yaml"), { registry, env })).services.size).toBe(1);
	});

	it("says that a file is missing or no file", async () => {
		await using folder = await tempFolder();
		await expect(loadConfig(folder.file("c.yaml"), { registry, env })).rejects.toThrow(
			new InvalidConfig([{ file: folder.file("c.yaml"), line: 0, column: 0, path: "", message: "does not exist" }]),
		);
		await expect(loadConfig(folder.path, { registry, env })).rejects.toThrow(`${folder.path}: is not a file`);
	});
});

describe("the keys of a target", () => {
	const webWith = (targets: string) => `services:\n  web:\n    targets:\n${targets}`;

	it("are taken over, and so is what a service is compared with", () => {
		const { services } = read(`
services:
  web:
    targets:
      - {target: "127.0.0.1:80", weight: 90}
      - {target: "127.0.0.1:81", weight: 10, health: degraded, locality: {zone: eu-1b}, metadata: {stage: canary}}
      - {target: "127.0.0.1:82", priority: 1}
    compare: {with: "127.0.0.1:83"}
`);
		expect(services.get("web")?.targets).toMatchObject([
			{ weight: 90, priority: 0 },
			{ weight: 10, health: "degraded", locality: { zone: "eu-1b" }, metadata: { stage: "canary" } },
			{ priority: 1 },
		]);
		expect(services.get("web")?.compare?.with.text).toBe("127.0.0.1:83");
	});

	it("are refused where only some targets of a priority have a weight, at those that have none", () => {
		const entries = `
      - 127.0.0.1:80
      - {target: "127.0.0.1:81", weight: 10}
      - {target: "127.0.0.1:82", priority: 1}
      - {target: "127.0.0.1:83"}
`.slice(1);
		expect(problemsOf(webWith(entries))).toEqual([
			"f.yaml:4:9 services.web.targets[0]: 127.0.0.1:80 has no weight, and 127.0.0.1:81 of the same priority has one; give all targets of priority 0 a weight, or none",
			"f.yaml:7:9 services.web.targets[3]: 127.0.0.1:83 has no weight, and 127.0.0.1:81 of the same priority has one; give all targets of priority 0 a weight, or none",
		]);
	});

	it("are refused with other values", () => {
		const entry = `      - {target: "127.0.0.1:81", weight: 65536, health: helthy, locality: {zon: a}, metadata: {a: {b: c}}}\n`;
		expect(problemsOf(webWith(entry))).toEqual([
			expect.stringContaining("targets[0].weight: a weight is a whole number from 0 to 65535, not the number 65536"),
			expect.stringContaining("targets[0].health: expected one of healthy"),
			expect.stringContaining('targets[0].locality.zon: unknown key "zon"; did you mean "zone"?'),
			expect.stringContaining(
				"targets[0].metadata.a: expected a text, a number, true, false, or a list of these, not keys with values",
			),
		]);
		expect(problemsOf("services: {web: {target: '127.0.0.1:80', compare: {with: 'x:///y'}}}")[0]).toContain(
			"services.web.compare.with",
		);
	});
});

describe("additional addresses of an endpoint", () => {
	const withAddresses = (list: string) =>
		`services: {web: {endpoints: [{address: "127.0.0.1:80", additionalAddresses: ${list}}]}}`;

	it("have the endpoint's port unless they name one", () => {
		expect(
			read(withAddresses('["::1", "[fd00:0::1]:81"]')).services.get("web")?.endpoints?.[0]?.additionalAddresses,
		).toEqual([
			{ address: "::1", port: 80 },
			{ address: "fd00::1", port: 81 },
		]);
	});

	it("are no names, and nothing that is no endpoint's", () => {
		for (const bad of ["web.internal:80", "0.0.0.0", "[::1]:0", "nonsense"]) {
			expect(problemsOf(withAddresses(`["${bad}"]`))[0]).toContain("endpoints[0].additionalAddresses[0]:");
		}
	});
});
