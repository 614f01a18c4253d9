import { describe, expect, it } from "vitest";
import { KnownServices } from "../../../src/config/known-services.js";
import { parseConfig } from "../../../src/config/load.js";
import { InvalidConfig } from "../../../src/input/invalid-config.js";
import { formatProblem } from "../../../src/input/problem.js";
import type { Policies } from "../../../src/model/policies/policies.js";
import type { ServiceDefinition } from "../../../src/model/service.js";

function load(text: string) {
	return parseConfig(text, "f.yaml", { env: {} });
}

function problems(text: string): readonly string[] {
	try {
		load(text);
	} catch (error) {
		if (error instanceof InvalidConfig) return error.problems.map(formatProblem);
		throw error;
	}
	return [];
}

/** @param keys of the service `web`, a line each. */
function web(...keys: string[]): string {
	return `services:\n  web:\n    target: 127.0.0.1:80\n${keys.map((key) => `    ${key}\n`).join("")}`;
}

function policiesOf(text: string, name = "web"): Policies | undefined {
	return (load(text).services.get(name) as ServiceDefinition).policies;
}

describe("the policies of a service", () => {
	it("are none unless given", () => {
		expect(policiesOf(web())).toBeUndefined();
	});

	it("are read, with durations in milliseconds", () => {
		const text = web(
			"loadBalancing: {policy: ring_hash, hashOn: {cookie: user, ttl: 1h}, ringSize: {minimum: 10}}",
			"outlierDetection: {consecutive5xx: 3, interval: 5s, splitExternalLocalOriginErrors: false}",
			"healthChecks: [{http: {path: /up, expectedStatuses: [200, 300-399]}, interval: 2s}]",
			"circuitBreakers: {maxRequests: 5}",
			"subsets: [[version], [version, stage]]",
			"timeout: 1m",
			"retries: {attempts: 2, on: [unavailable, 503], backOff: {base: 10ms}}",
			"envoy: {cluster: {lb_policy: RANDOM}}",
		);
		expect(policiesOf(text)).toEqual({
			loadBalancing: { policy: "ring_hash", hashOn: [{ cookie: "user", ttl: 3_600_000 }], ringSize: { minimum: 10 } },
			outlierDetection: { consecutive5xx: 3, interval: 5_000, splitExternalLocalOriginErrors: false },
			healthChecks: [
				{
					http: {
						path: "/up",
						expectedStatuses: [
							[200, 200],
							[300, 399],
						],
					},
					...{ interval: 2_000, timeout: 1_000, healthyThreshold: 1, unhealthyThreshold: 3 },
				},
			],
			circuitBreakers: { maxRequests: 5 },
			subsets: [["version"], ["version", "stage"]],
			timeout: 60_000,
			retries: { attempts: 2, on: ["unavailable", 503], backOff: { base: 10 } },
			envoy: { cluster: { lbPolicy: "RANDOM" } },
		});
	});

	it.each([
		["loadBalancing: {policy: best}", "4:29 services.web.loadBalancing.policy: expected one of round_robin"],
		[
			"loadBalancing: {hashOn: {header: a}}",
			"4:29 services.web.loadBalancing.hashOn: is of ring_hash and maglev; the policy is round_robin unless it is given beside the key: policy is not taken from defaults",
		],
		["loadBalancing: {policy: maglev, tableSize: 100}", "tableSize: expected a prime such as 65537, not 100"],
		[
			"loadBalancing: {policy: maglev, hashOn: {}}",
			"hashOn: expected exactly one of header, cookie, queryParameter, sourceIp, none is given",
		],
		["loadBalancing: {policy: maglev, hashOn: {header: a, ttl: 1s}}", "hashOn.ttl: is of a cookie"],
		[
			"loadBalancing: {policy: ring_hash, ringSize: {maximum: 100}}",
			"ringSize: the minimum, 1024 unless given, is above the maximum",
		],
		["loadBalancing: {slowStart: 5}", "slowStart: expected a duration such as 30s or {window: 30s}, not the number 5"],
		[
			"loadBalancing: {policy: client_side_weighted_round_robin, errorUtilizationPenalty: 1e39}",
			"errorUtilizationPenalty: expected at most 1000000, not 1e+39",
		],
		["outlierDetection: {interval: 0s}", "outlierDetection.interval: expected a duration such as 10s, at least 1ms"],
		["outlierDetection: {baseEjectionTime: 0s}", "baseEjectionTime: expected a duration such as 10s, at least 1ms"],
		["outlierDetection: {maxEjectionTime: 0s}", "maxEjectionTime: expected a duration such as 10s, at least 1ms"],
		[
			"outlierDetection: {maxEjectionTime: 10s}",
			"4:41 services.web.outlierDetection.maxEjectionTime: is below baseEjectionTime, which is 30s unless given",
		],
		[
			"outlierDetection: {baseEjectionTime: 20s, maxEjectionTime: 19s}",
			"4:64 services.web.outlierDetection.maxEjectionTime: is below baseEjectionTime",
		],
		['healthChecks: [{http: {path: /, host: "a\\r\\nb"}}]', "http.host: expected a host name without line breaks"],
		['healthChecks: [{http: {path: "/a\\nb"}}]', "http.path: expected a path such as /healthz without line breaks"],
		["healthChecks: [{tcp: {}, interval: 0s}]", "interval: expected a duration such as 5s, at least 1ms"],
		[
			'loadBalancing: {policy: maglev, hashOn: {header: "x\\nuser"}}',
			"hashOn.header: expected the name of a header without line breaks",
		],
		[
			'loadBalancing: {policy: maglev, hashOn: {cookie: "x\\u0000"}}',
			"hashOn.cookie: expected the name of a cookie without line breaks",
		],
		[
			"healthChecks: [{grpc: {}}]",
			"4:27 services.web.healthChecks[0].grpc: needs protocol: grpc or http2; the protocol is http1",
		],
		["loadBalancing: {hashKey: hostname}", "hashKey: is of ring_hash and maglev; the policy is round_robin"],
		[
			"loadBalancing: {policy: maglev, hashKey: address}",
			'hashKey: expected hostname or {metadata: NAME}, not "address"',
		],
		[
			'proxy: "proxy.test:80"',
			'4:12 services.web.proxy: "proxy.test" is no IP address: clients look no name of a proxy up',
		],
		["proxy: 10.0.0.9", "4:12 services.web.proxy: "],
		["proxy: [a]", "proxy: expected off, IP:PORT or {metadata: NAME}, not a list"],
		['gcpAudience: "https://web.example"', "4:18 services.web.gcpAudience: needs tls, or https:// targets"],
		["subset: on", 'subset: expected off or {size: 20}, not "on"'],
		["subset: {size: 1}", "subset.size: a client has at least 2 endpoints, not 1"],
		["envoy: on", 'envoy: expected off or an overlay such as {cluster: {…}}, not "on"'],
		["outlierDetection: on", 'outlierDetection: expected off or settings such as {consecutive5xx: 5}, not "on"'],
		[
			"outlierDetection: {consecutive5x: 1}",
			'4:24 services.web.outlierDetection.consecutive5x: unknown key "consecutive5x"; did you mean "consecutive5xx"?',
		],
		["outlierDetection: {maxEjectionPercent: 101}", "maxEjectionPercent: expected at most 100, not 101"],
		[
			"healthChecks: [{tcp: {}, grpc: {}}]",
			"healthChecks[0]: expected exactly one of http, grpc, tcp, grpc and tcp are given",
		],
		["healthChecks: [{tcp: {}}, {grpc: {}}]", "healthChecks: expected one check"],
		["healthChecks: [{http: {path: up}}]", 'path: expected a path such as /healthz, not "up"'],
		[
			"healthChecks: [{http: {path: /, expectedStatuses: [299-200]}}]",
			'expectedStatuses[0]: expected a status such as 200 or 200-299, not "299-200"',
		],
		["circuitBreakers: {maxRequests: -1}", "maxRequests: expected at least 0, not -1"],
		["subsets: [version]", 'subsets[0]: expected a list of names such as [version], not "version"'],
		["subsets: [[a, a]]", "subsets[0]: has a name twice"],
		["timeout: 5", "timeout: expected a duration such as 15s, not the number 5"],
		["retries: {on: [5xx]}", "retries.attempts: expected a whole number such as 2, not an empty value"],
		["retries: {attempts: 1, on: [unavailabl]}", "retries.on[0]: expected one of cancelled"],
		["retries: {attempts: 1, backOff: {base: 2s, max: 1s}}", "retries.backOff.max: max is below base"],
		["envoy: {clustr: {}}", 'envoy.clustr: unknown key "clustr"; did you mean "cluster"?'],
		[
			"envoy: {cluster: {name: x}}",
			"4:23 services.web.envoy.cluster.name: is Fingerpost's own and cannot be overridden",
		],
		[
			"envoy: {cluster: {outlierDetection: {foo: 1}}}",
			"4:42 services.web.envoy.cluster.outlierDetection.foo: envoy.config.cluster.v3.OutlierDetection has no field",
		],
	])("%s is refused with its place", (key, message) => {
		const [problem, ...others] = problems(web(key));
		expect(others).toEqual([]);
		expect(problem).toMatch(/^f\.yaml:4:\d+ services\.web\./);
		expect(problem).toContain(message);
	});

	it("that are equal are one object", () => {
		const keys = "target: 127.0.0.1:80, timeout: 5s, subsets: [[a]]";
		const { services } = load(`services: {a: {${keys}}, b: {${keys}}, c: {target: 127.0.0.1:80, timeout: 6s}}`);
		expect(services.get("a")?.policies).toBe(services.get("b")?.policies);
		expect(services.get("a")?.policies).not.toBe(services.get("c")?.policies);
	});
});

describe("defaults", () => {
	const defaults = `defaults: {timeout: 5s, protocol: grpc, connectTimeout: 1s, onFailure: drop, outlierDetection: off}\n`;

	it("hold where a service does not say it, key by key, and in whole registries", () => {
		const { services, discover } = load(
			`${defaults}discover: ["k8s:///shop/*:http", {target: "k8s:///pay/*:http", timeout: 9s}]\n${web("outlierDetection: {}", "protocol: http1")}  api: 127.0.0.1:81\n`,
		);
		expect(services.get("web")).toMatchObject({
			protocol: "http1",
			connectTimeout: 1_000,
			policies: { timeout: 5_000, outlierDetection: {} },
		});
		expect(services.get("api")).toMatchObject({
			protocol: "grpc",
			policies: { timeout: 5_000, outlierDetection: "off" },
		});
		expect(services.get("api")?.onFailure).toEqual(expect.anything());
		expect(discover?.map(({ settings }) => [settings.protocol, settings.policies?.timeout])).toEqual([
			["grpc", 5_000],
			["grpc", 9_000],
		]);
	});

	it("of subset and envoy are ended by off", () => {
		const subset = "defaults: {subset: {size: 5}, envoy: {cluster: {respectDnsTtl: true}}}\n";
		const { services } = load(`${subset}${web("subset: off", "envoy: off")}  api: 127.0.0.1:81\n`);
		expect(services.get("api")).toMatchObject({
			subset: { size: 5 },
			policies: { envoy: { cluster: { respectDnsTtl: true } } },
		});
		expect(services.get("web")).not.toHaveProperty("subset");
		expect(services.get("web")?.policies).toEqual({ envoy: {} });
	});

	it.each([
		["a service's own", "", web("protocol: grpc", "healthChecks: [{grpc: {}}]")],
		["an overlay's", "", web("healthChecks: [{grpc: {}}]", "envoy: {cluster: {http2ProtocolOptions: {}}}")],
		["one of defaults", "defaults: {protocol: http2}\n", web("healthChecks: [{grpc: {}}]")],
	])("a check by gRPC is well with the protocol of %s", (_, defaults, services) => {
		expect(problems(`${defaults}${services}`)).toEqual([]);
	});

	it("that do not go with each other or with a service are told where they are written, and once", () => {
		const check = "healthChecks: [{grpc: {}}]";
		const needs = "needs protocol: grpc or http2; the protocol is http1, which it is unless given";
		expect(problems(`defaults: {${check}}\nservices: {a: 127.0.0.1:80, b: 127.0.0.1:81}\n`)).toEqual([
			`f.yaml:1:34 defaults.healthChecks[0].grpc: ${needs} (service "a", service "b")`,
		]);
		expect(problems(`discover:\n  - {target: "k8s:///shop/*:http", ${check}}\nservices: {}\n`)).toEqual([
			`f.yaml:2:58 discover[0].healthChecks[0].grpc: ${needs}`,
		]);
		expect(problems(`defaults: {${check}}\ndiscover: ["k8s:///shop/*:http"]\nservices: {}\n`)).toEqual([
			`f.yaml:1:34 defaults.healthChecks[0].grpc: ${needs} (k8s:///shop/*:http)`,
		]);
		expect(problems(`defaults: {protocol: grpc, ${check}}\n${web()}`)).toEqual([]);
	});

	it("are told with all that is wrong with them, and whom each concerns", () => {
		const names = ["a", "b", "c", "d", "e"];
		const services = names.map((name, i) => `  ${name}: {target: "127.0.0.1:8${i}", protocol: http1}\n`).join("");
		const defaults = [
			"  healthChecks: [{grpc: {}}]",
			"  subsets: [[version]]",
			"  loadBalancing: {policy: client_side_weighted_round_robin}",
			"  tls: {ca: system}",
		];
		const all = '(service "a", service "b", service "c" and 2 more)';
		expect(problems(`defaults:\n${defaults.join("\n")}\nservices:\n${services}`)).toEqual([
			`f.yaml:2:25 defaults.healthChecks[0].grpc: needs protocol: grpc or http2; the protocol is http1, which it is unless given ${all}`,
			`f.yaml:3:12 defaults.subsets: cannot be had with loadBalancing.policy: client_side_weighted_round_robin; leave one of them out ${all}`,
			`f.yaml:5:8 defaults.tls: tls needs a name that the endpoints' certificates must have: give subjectAltNames or sni, or https:// targets ${all}`,
		]);
	});

	it.each([
		["", web("subsets: [[version]]", "loadBalancing: {policy: client_side_weighted_round_robin}"), "services.web"],
		[
			"defaults: {loadBalancing: {policy: client_side_weighted_round_robin}}\n",
			web("subsets: [[version]]"),
			"services.web",
		],
		[
			"defaults: {subsets: [[version]]}\n",
			web("loadBalancing: {policy: client_side_weighted_round_robin}"),
			"defaults",
		],
	])("%s: subsets with weights by load are refused", (defaults, services, place) => {
		expect(problems(`${defaults}${services}`)).toEqual([
			expect.stringMatching(
				/^f\.yaml:\d+:\d+ .*subsets: cannot be had with loadBalancing\.policy: client_side_weighted/,
			),
		]);
		expect(problems(`${defaults}${services}`)[0]).toContain(` ${place}.subsets:`);
	});

	it("of a proxy and an audience are ended by off", () => {
		const said = 'defaults: {tls: {sni: a.test}, gcpAudience: "https://a.test", proxy: "10.0.0.9:3128"}\n';
		const { services } = load(`${said}${web("proxy: off", "gcpAudience: off")}  api: 127.0.0.1:81\n`);
		expect(services.get("web")?.policies).toEqual({ proxy: "off", gcpAudience: "off" });
		expect(services.get("api")?.policies).toEqual({
			proxy: { address: "10.0.0.9", port: 3_128 },
			gcpAudience: "https://a.test",
		});
	});

	it("are one object for all services without policies of their own", () => {
		const { services } = load(`${defaults}services: {a: 127.0.0.1:80, b: 127.0.0.1:81}`);
		expect(services.get("a")?.policies).toBe(services.get("b")?.policies);
	});

	it("have no source, and their errors have their place", () => {
		expect(problems(`defaults: {targets: [], timeot: 1s}\n${web()}`)).toEqual([
			expect.stringMatching(/^f\.yaml:1:12 defaults\.targets: unknown key "targets"/),
			expect.stringMatching(/^f\.yaml:1:25 defaults\.timeot: unknown key "timeot"; did you mean "timeout"\?/),
		]);
	});

	it("of TLS count where the targets' words are checked", () => {
		const tls = "defaults: {tls: {sni: web.internal}}\n";
		expect(problems(`${tls}services: {web: "http://127.0.0.1:80"}`)).toEqual([
			expect.stringContaining("services.web: http://127.0.0.1:80 is in clear, and tls is not"),
		]);
		expect(load(`${tls}${web()}`).services.get("web")?.tls).toMatchObject({ sni: "web.internal" });
	});

	it("that change are read again, and nothing else is", () => {
		const known = new KnownServices();
		const read = (text: string) => parseConfig(text, "f.yaml", { env: {}, knownServices: known }).services.get("web");
		const first = read(`defaults: {timeout: 5s}\n${web()}`);
		expect(read(`defaults: {timeout: 5s}\n${web()}`)).toBe(first);
		expect(read(`defaults: {timeout: 6s}\n${web()}`)?.policies).toEqual({ timeout: 6_000 });
	});
});
