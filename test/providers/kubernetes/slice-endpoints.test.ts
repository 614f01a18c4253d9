import { describe, expect, it } from "vitest";
import { type SliceParts, sliceObject } from "../../../lab/slice-object.js";
import { addressOf, type Endpoint } from "../../../src/model/endpoint.js";
import { parseTarget } from "../../../src/model/target.js";
import { readSlice, type Slice } from "../../../src/providers/kubernetes/api/endpoint-slice.js";
import { readKubernetesTarget } from "../../../src/providers/kubernetes/kubernetes-target.js";
import { endpointsOfSlices, prepareSlice } from "../../../src/providers/kubernetes/slice-endpoints.js";
import { options } from "./watching.js";

const SEEN = new Date("2026-11-24T12:00:00Z");

function slice(parts: SliceParts & { readonly revision?: number } = {}): Slice {
	const object = sliceObject("web", parts);
	const metadata = { ...object.metadata, resourceVersion: String(parts.revision ?? 100) };
	return readSlice({ ...object, metadata }, SEEN);
}

function answer(
	slices: readonly Slice[],
	{ target = "k8s:///shop/web", ...given }: { readonly target?: string; readonly [option: string]: unknown } = {},
) {
	const read = readKubernetesTarget(parseTarget(target));
	if (typeof read === "string") throw new Error(read);
	const { endpoints, notes, failure } = {
		notes: [],
		endpoints: [],
		...endpointsOfSlices(slices, read, options(given)),
	};
	return { found: endpoints.map(textOf), endpoints, notes, failure: failure?.message };
}

const textOf = (e: Endpoint) => `${addressOf(e)} ${e.health}`;

describe("conditions", () => {
	it.each([
		["ready", "10.0.0.1 ready serving !terminating", "healthy"],
		["nothing said", "10.0.0.1", "healthy"],
		["not ready", "10.0.0.1 !ready !serving !terminating", undefined],
		["not ready, the rest unsaid", "10.0.0.1 !ready", undefined],
		["terminating and serving", "10.0.0.1 !ready serving terminating", "draining"],
		["terminating, serving unsaid", "10.0.0.1 !ready terminating", "draining"],
		["terminating and not serving", "10.0.0.1 !ready !serving terminating", undefined],
		["published although not ready", "10.0.0.1 ready !serving terminating", "healthy"],
		["not ready but serving", "10.0.0.1 !ready serving !terminating", undefined],
	])("%s", (_, endpoint, health) => {
		const { found, notes } = answer([slice({ endpoints: [endpoint] })]);
		expect(found).toEqual(health === undefined ? [] : [`10.0.0.1:80 ${health}`]);
		expect(notes).toHaveLength(health === undefined ? 1 : 0);
		// With notReady: unhealthy nothing is left out.
		expect(answer([slice({ endpoints: [endpoint] })], { notReady: "unhealthy" })).toMatchObject({
			found: [`10.0.0.1:80 ${health ?? "unhealthy"}`],
			notes: [],
		});
	});

	it("that are null, as Go may write them, say nothing", () => {
		const endpoints = [
			{ addresses: ["10.0.0.1"], conditions: { ready: null, serving: null, terminating: null } },
			{ addresses: ["10.0.0.2"], conditions: null },
		];
		expect(answer([slice({ endpoints })]).found).toEqual(["10.0.0.1:80 healthy", "10.0.0.2:80 healthy"]);
	});

	it("are the reason why an endpoint is left out, with its pod; fifty are told one by one", () => {
		const pod = { addresses: ["10.0.0.1"], conditions: { ready: false }, targetRef: { kind: "Pod", name: "web-x" } };
		expect(answer([slice({ endpoints: [pod, "10.0.0.2 !ready !serving terminating"] })]).notes).toEqual([
			"10.0.0.1:80 (web-x) is left out: it is not ready",
			"10.0.0.2:80 is left out: it is terminating and no longer serving",
		]);
		const many = Array.from({ length: 60 }, (_, i) => `10.0.0.${i} !ready`);
		const { notes } = answer([slice({ endpoints: many })]);
		expect([notes.length, notes.at(-1)]).toEqual([51, "10 more endpoints are left out"]);
	});
});

describe("an endpoint", () => {
	it("has the zone, the node, the hints, the host name and where it came from", () => {
		const at = "2026-11-24T10:00:00Z";
		const full = {
			addresses: ["10.0.0.1", "10.0.0.99"],
			hostname: "web-0",
			nodeName: "node-a",
			zone: "eu-1a",
			hints: { forZones: [{ name: "eu-1a" }, { name: "eu-1b" }] },
		};
		const annotations = { "endpoints.kubernetes.io/last-change-trigger-time": at };
		const [first, second] = answer([slice({ endpoints: [full, "10.0.0.2"], annotations, revision: 7 })], {
			region: "eu",
		}).endpoints;
		const origin = { target: "k8s:///shop/web", object: "shop/web-1", revision: "7", at: new Date(at) };
		expect(first).toEqual({
			...{ address: "10.0.0.1", port: 80, health: "healthy", weight: 100, priority: 0, hostname: "web-0" },
			locality: { region: "eu", zone: "eu-1a", subZone: "" },
			metadata: { node: "node-a", zoneHints: "eu-1a,eu-1b" },
			origin,
		});
		expect(second).toEqual({
			...{ address: "10.0.0.2", port: 80, health: "healthy", weight: 100, priority: 0 },
			locality: { region: "eu", zone: "", subZone: "" },
			origin,
		});
		expect(answer([slice({ endpoints: ["10.0.0.2"] })]).endpoints[0]?.origin?.at).toEqual(SEEN);
	});

	it("whose address is none is left out, the others stay", () => {
		const { found, notes } = answer([slice({ endpoints: ["10.0.0.256", "fd00::1", "10.0.0.2"] })]);
		expect(found).toEqual(["10.0.0.2:80 healthy"]);
		expect(notes).toEqual([
			"10.0.0.256 of web-1 is left out: it is not an IPv4 address",
			"fd00::1 of web-1 is left out: it is not an IPv4 address",
		]);
	});
});

describe("several slices", () => {
	const one = slice({ name: "web-1", endpoints: ["10.0.0.1", "10.0.0.2"], labels: { track: "stable" } });
	const two = slice({ name: "web-2", endpoints: ["10.0.0.3"], labels: { track: "canary" } });

	it("are one list", () => {
		expect(answer([two, one]).found.sort()).toEqual(["1", "2", "3"].map((last) => `10.0.0.${last}:80 healthy`));
	});

	it("that are none, as of a Service that does not exist, are told of", () => {
		const { found, notes } = answer([]);
		expect(found).toEqual([]);
		expect(notes).toEqual(['there is no EndpointSlice of a service "web" in the namespace "shop"']);
	});

	it("that give one address to two pods: the ready one counts, in whatever order they stand", () => {
		const pod = (name: string, ready: boolean) => ({
			addresses: ["10.0.0.7"],
			conditions: { ready, serving: ready, terminating: !ready },
			nodeName: `node-of-${name}`,
			targetRef: { kind: "Pod", name, uid: `uid-${name}` },
		});
		const [leaving, coming] = [pod("leaving", false), pod("coming", true)];
		for (const slices of [
			[slice({ endpoints: [leaving, coming] })],
			[slice({ name: "web-a", endpoints: [coming], revision: 1 }), slice({ name: "web-b", endpoints: [leaving] })],
		]) {
			const { endpoints, notes } = answer(slices);
			expect(endpoints.map(textOf)).toEqual(["10.0.0.7:80 healthy"]);
			expect([endpoints[0]?.metadata?.node, notes]).toEqual(["node-of-coming", []]);
		}
	});

	it("are selected by their labels", () => {
		const selected = (selector: string) =>
			answer([one, two], { target: `k8s:///shop/web?labelSelector=${selector}` }).found.length;
		expect(["track=stable", "track!=stable", "track in (stable,canary)", "none"].map(selected)).toEqual([2, 1, 3, 0]);
	});

	it("that both have an endpoint: what the newer one says holds, whatever the number of digits", () => {
		const old = slice({ name: "web-a", endpoints: ["10.0.0.1", "10.0.0.2"], revision: 999 });
		const moved = slice({ name: "web-b", endpoints: ["10.0.0.1 !ready"], revision: 1_000 });
		expect(answer([old, moved]).found).toEqual(["10.0.0.2:80 healthy"]);
		expect(answer([moved, old]).found).toEqual(["10.0.0.2:80 healthy"]);
		const back = slice({ name: "web-b", endpoints: ["10.0.0.1 !ready"], revision: 998 });
		expect(answer([back, old]).found).toEqual(["10.0.0.1:80 healthy", "10.0.0.2:80 healthy"]);
	});

	it("of host names are left out with the reason", () => {
		const names = slice({ name: "web-3", addressType: "FQDN", endpoints: ["a.example.org"] });
		const { found, notes } = answer([one, names]);
		expect(found).toHaveLength(2);
		expect(notes).toEqual(["web-3 is left out: its addresses are of the type FQDN, not IP addresses"]);
	});
});

describe("dual stack", () => {
	const four = slice({ name: "web-4", endpoints: ["10.0.0.1", "10.0.0.2"] });
	const six = slice({ name: "web-6", addressType: "IPv6", endpoints: ["FD00:0::1", "fd00::2"] });
	const emptyFour = slice({ name: "web-4", endpoints: [] });
	const unreadyFour = slice({ name: "web-4", endpoints: ["10.0.0.1 !ready"] });
	const [FOUR, SIX] = [
		["10.0.0.1:80 healthy", "10.0.0.2:80 healthy"],
		["[fd00::1]:80 healthy", "[fd00::2]:80 healthy"],
	];

	it.each([
		["prefer-ipv4", [four, six], FOUR],
		["prefer-ipv6", [four, six], SIX],
		["both", [four, six], [...FOUR, ...SIX]],
		["prefer-ipv4", [six], SIX],
		["prefer-ipv4", [emptyFour, six], SIX],
		["prefer-ipv6", [four], FOUR],
		// That nothing of the preferred family is ready is no reason to change the family.
		["prefer-ipv4", [unreadyFour, six], []],
	])("%s", (addressFamily, slices, expected) => {
		expect(answer(slices, { addressFamily }).found).toEqual(expected);
	});
});

describe("ports", () => {
	const of = (...ports: string[]) => slice({ ports, endpoints: ["10.0.0.1"] });
	const ask = (slices: readonly Slice[], port?: string) => {
		const { found, failure, notes } = answer(slices, {
			target: `k8s:///shop/web${port === undefined ? "" : `:${port}`}`,
		});
		return failure ?? [...found.map((text) => text.replace(" healthy", "")), ...notes].join(" | ");
	};

	it.each([
		["the only one", [of("http:8080")], undefined, "10.0.0.1:8080"],
		["the only one without a name", [of("8080")], undefined, "10.0.0.1:8080"],
		["the only TCP port", [of("http:8080", "dns:53/UDP")], undefined, "10.0.0.1:8080"],
		["by name", [of("http:8080", "grpc:9090")], "grpc", "10.0.0.1:9090"],
		["by number", [of("http:8080", "grpc:9090")], "8080", "10.0.0.1:8080"],
		["a name of digits before the number", [of("80:8080", "http:80")], "80", "10.0.0.1:8080"],
		["two names of one number", [of("http:8080", "web:8080")], undefined, "10.0.0.1:8080"],
		["every port", [of("every:")], "1234", "10.0.0.1:1234"],
		["any number where the slice names no port, as of a headless Service", [of()], "9000", "10.0.0.1:9000"],
	])("%s", (_, slices, port, expected) => {
		expect(ask(slices, port)).toBe(expected);
	});

	it("of one name may have a number for each slice: pods name their ports", () => {
		const slices = [
			slice({ name: "web-1", ports: ["http:8080"], endpoints: ["10.0.0.1"] }),
			slice({ name: "web-2", ports: ["http:9090"], endpoints: ["10.0.0.2"] }),
		];
		expect(ask(slices)).toBe("10.0.0.1:8080 | 10.0.0.2:9090");
		expect(ask(slices, "http")).toBe("10.0.0.1:8080 | 10.0.0.2:9090");
		expect(ask(slices, "9090")).toBe(
			"10.0.0.2:9090 | web-1 is left out: it has no TCP port 9090; there is http (8080)",
		);
	});

	it("that are several are a failure with the list", () => {
		const problem =
			"shop/web has several ports: grpc (9090), http (8080); name one in the target: k8s:///shop/web:PORT";
		expect(ask([of("http:8080", "grpc:9090")])).toBe(problem);
		const apart = [
			slice({ name: "web-1", ports: ["http:8080"], endpoints: ["10.0.0.1"] }),
			slice({ name: "web-2", ports: ["grpc:9090"], endpoints: ["10.0.0.2"] }),
		];
		expect(ask(apart)).toBe(problem);
		expect(answer(apart, { target: "k8s:///shop/web?labelSelector=kubernetes.io/service-name" }).failure).toBe(problem);
	});

	it.each([
		["a name that is not there", [of("http:8080")], "grpc", 'no TCP port "grpc"; there is http (8080)'],
		["a port of another protocol", [of("dns:53/UDP")], "dns", 'no TCP port "dns"; there is dns (53/UDP)'],
		["no port", [of()], undefined, "no TCP port"],
		["a name where there is no port", [of()], "grpc", 'no TCP port "grpc"'],
		["a number among ports of another protocol", [of("dns:53/UDP")], "53", "no TCP port 53; there is dns (53/UDP)"],
		["every port, and none named", [of("every:")], undefined, "no TCP port; there is every (every port)"],
	])("that a slice does not have leave it out: %s", (_, slices, port, note) => {
		expect(ask(slices, port)).toBe(`web-1 is left out: it has ${note}`);
	});

	it("are not missed in a slice without endpoints, as a Service without pods has it", () => {
		expect(ask([slice({ ports: [], endpoints: [] })], "http")).toBe("");
	});
});

describe("slices that were read before", () => {
	const read = readKubernetesTarget(parseTarget("k8s:///shop/web"));
	if (typeof read === "string") throw new Error(read);

	it("give the same endpoints again, and only the changed slice gives new ones", () => {
		const known = new WeakMap();
		const look = (slices: readonly Slice[]) => {
			const { endpoints } = { endpoints: [], ...endpointsOfSlices(slices, read, options(), known) };
			return endpoints;
		};
		const kept = slice({ name: "web-a", endpoints: ["10.0.0.1", "10.0.0.2"] });
		const before = look([kept, slice({ name: "web-b", endpoints: ["10.0.0.3"] })]);
		const after = look([kept, slice({ name: "web-b", endpoints: ["10.0.0.3"], revision: 101 })]);
		expect(after.map((e, i) => e === before[i])).toEqual([true, true, false]);
		expect(after.map((e) => e.origin?.revision)).toEqual(["100", "100", "101"]);
	});

	it("need not be read when the list is complete, if they were prepared as they came", () => {
		const known = new WeakMap();
		const all = [
			slice({ name: "web-a", endpoints: ["10.0.0.1"] }),
			slice({ name: "web-b", addressType: "IPv6", endpoints: ["fd00::1"] }),
		];
		for (const each of all) prepareSlice(each, read, options(), known);
		expect(all.map((each) => known.has(each))).toEqual([true, false]);
		const [prepared] = known.get(all[0] as Slice).offers;
		const { endpoints } = { endpoints: [], ...endpointsOfSlices(all, read, options(), known) };
		expect(endpoints).toHaveLength(1);
		expect(endpoints[0]).toBe(prepared.endpoint);
		expect(endpoints).toEqual(answer(all).endpoints);
	});

	it("count less than a newer slice of the same pod, and again when that is gone", () => {
		const known = new WeakMap();
		const look = (slices: readonly Slice[]) => {
			const { endpoints } = { endpoints: [], ...endpointsOfSlices(slices, read, options(), known) };
			return endpoints.map((e) => [addressOf(e), e.origin?.object]);
		};
		const old = slice({ name: "web-a", endpoints: ["10.0.0.1"] });
		const newer = slice({ name: "web-b", endpoints: ["10.0.0.1"], revision: 101 });
		expect(look([old])).toEqual([["10.0.0.1:80", "shop/web-a"]]);
		expect(look([old, newer])).toEqual([["10.0.0.1:80", "shop/web-b"]]);
		expect(look([old])).toEqual([["10.0.0.1:80", "shop/web-a"]]);
	});
});
