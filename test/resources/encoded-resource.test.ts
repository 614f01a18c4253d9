import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeService } from "../../src/resources/encode-service.js";
import { EncodedResource, VersionSum } from "../../src/resources/encoded-resource.js";
import { joinFields } from "../../src/resources/join-fields.js";
import { RESOURCE_TYPES, resourceType, resourceTypeByUrl } from "../../src/resources/resource-types.js";
import {
	FAMILY_METADATA,
	familyOf,
	familyOfView,
	knowsProxies,
	knowsTls,
	PROXY_METADATA,
	UPSTREAM_TLS_METADATA,
	unknownFamilyIn,
	viewOf,
} from "../../src/resources/view.js";
import { decodeDelta, decodeMessage, decodeSotw } from "./decode.js";

const web = { name: "web", protocol: "http1", connectTimeout: 5_000, targets: [] } as const;
const eds = resourceType("eds");

const resources = fc
	.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 4 }), { selector: (bytes) => bytes.join() })
	.map((list) => list.map((bytes, i) => new EncodedResource("type", `r${i}`, bytes)));

function sumOf(list: readonly EncodedResource[]): string {
	const sum = new VersionSum();
	for (const resource of list) sum.add(resource);
	return sum.toString();
}

describe("an encoded resource", () => {
	it.each(RESOURCE_TYPES.filter(({ ofService }) => ofService).map((type) => [type.id, type] as const))(
		"of %s is what clients read",
		(_, type) => {
			const resource = encodeService(type, "envoy", web, []);
			const sotw = decodeSotw(resource);
			expect(sotw["@type"]).toBe(type.url);
			expect(sotw.name ?? sotw.cluster_name).toBe("web");
			expect(decodeDelta(resource)).toEqual({ name: "web", version: resource.version, resource: sotw });
			expect(resourceTypeByUrl(type.url)).toBe(type);
		},
	);

	it("is the same whichever way it went out first", () => {
		const made = () => new EncodedResource(eds.url, "web", Buffer.from("a value"));
		const [one, other] = [made(), made()];
		const bytes = [one.sotw, one.delta, joinFields(one.toAny().fields), one.value];
		expect([other.delta, other.sotw].reverse()).toEqual(bytes.slice(0, 2));
		expect([joinFields(other.toAny().fields), other.value]).toEqual(bytes.slice(2));
		expect(Buffer.from(one.value).toString()).toBe("a value");
		expect(new EncodedResource(eds.url, "web", new Uint8Array()).delta).toHaveLength(one.delta.length - 7);
	});

	it("is in memory once where it went out one way", () => {
		for (const way of ["sotw", "delta"] as const) {
			const resource = new EncodedResource(eds.url, "web", Buffer.from("a value"));
			const entry = resource[way];
			expect(resource[way]).toBe(entry);
			expect(resource.value.buffer).toBe(entry.buffer);
			expect(Buffer.from(resource.value).toString()).toBe("a value");
		}
	});

	it("makes a response together with others", () => {
		const both = ["a", "b"].map((name) => encodeService(eds, "envoy", { ...web, name }, []));
		const bytes = Buffer.concat(both.map((resource) => resource.sotw));
		const { resources: list } = decodeMessage("envoy.service.discovery.v3.DiscoveryResponse", bytes);
		expect(list).toHaveLength(2);
	});

	it("has a short version that is always the same for the same content", () => {
		const versions = [1, 2].map(() => encodeService(eds, "envoy", web, []).version);
		expect(versions[0]).toBe(versions[1]);
		expect(versions[0]).toMatch(/^[\w-]{11}$/);
		expect(encodeService(eds, "envoy", { ...web, name: "api" }, []).version).not.toBe(versions[0]);
	});

	it("is the placeholder's equal where the service is empty, so that nothing is sent again", () => {
		const placeholder = new EncodedResource(eds.url, "web", eds.placeholder?.("web") as Uint8Array);
		for (const view of ["envoy", "grpc"] as const) {
			expect(placeholder.version).toBe(encodeService(eds, view, web, []).version);
		}
	});
});

describe("the version of a set", () => {
	it("does not depend on the order", () => {
		const lists = resources.chain((list) =>
			fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
		);
		fc.assert(
			fc.property(lists, ([a, b]) => {
				expect(sumOf(b)).toBe(sumOf(a));
			}),
		);
	});

	it("is after adding and subtracting what it was", () => {
		fc.assert(
			fc.property(resources, resources, (kept, passing) => {
				const sum = new VersionSum();
				for (const each of passing) sum.add(each);
				for (const each of kept) sum.add(each);
				for (const each of passing) sum.subtract(each);
				expect(sum.toString()).toBe(sumOf(kept));
			}),
		);
	});

	it("is the sum of the versions of its resources, as numbers of 64 bits", () => {
		const numberOf = (version: string) => Buffer.from(version, "base64url").readBigUInt64BE();
		fc.assert(
			fc.property(resources, (list) => {
				const sum = list.reduce((before, { version }) => before + numberOf(version), 0n);
				expect(numberOf(sumOf(list))).toBe(BigInt.asUintN(64, sum));
			}),
		);
	});

	it("is that of what is in it now, whenever it was asked for before", () => {
		const sum = new VersionSum();
		const none = sum.toString();
		expect(none).toBe("AAAAAAAAAAA");
		const one = new EncodedResource(eds.url, "web", Buffer.from("a value"));
		expect([sum.add(one).toString(), sum.subtract(one).toString()]).toEqual([sumOf([one]), none]);
	});

	it("differs by every resource", () => {
		fc.assert(
			fc.property(resources, (list) => {
				for (const each of list) expect(sumOf(list.filter((other) => other !== each))).not.toBe(sumOf(list));
			}),
		);
	});
});

describe("the view of a client", () => {
	it.each([
		["envoy", "envoy"],
		["", "envoy"],
		["gRPC Go", "grpc"],
		["gRPC C-core linux Python", "grpc"],
		["gRPC Java", "grpc"],
		["gRPC Node Pure JS", "grpc"],
		["grpcurl", "envoy"],
		["gRPC Rust tonic-xds", "grpc"],
	] as const)('of "%s" is %s', (userAgentName, view) => {
		expect(viewOf(familyOf({ userAgentName }), {})).toBe(view);
	});

	it("is what its metadata say, if there is such a family", () => {
		const said = (family: unknown) => ({ [FAMILY_METADATA]: family });
		expect(familyOf({ userAgentName: "envoy", metadata: said("grpc") })).toBe("grpc");
		expect(familyOf({ userAgentName: "gRPC Go", metadata: said("envoy") })).toBe("envoy");
		for (const wrong of ["GRPC", "istio", 1, null, ["grpc"], {}]) {
			expect(familyOf({ userAgentName: "gRPC Go", metadata: said(wrong) })).toBe("grpc");
			expect(unknownFamilyIn(said(wrong))).toBe(typeof wrong === "string" ? wrong : JSON.stringify(wrong));
		}
		for (const fine of ["envoy", "grpc", undefined]) expect(unknownFamilyIn(said(fine))).toBeUndefined();
	});

	it("is one with TLS to endpoints for a gRPC client that says so", () => {
		const metadata = { [UPSTREAM_TLS_METADATA]: true };
		expect([viewOf("grpc", metadata), viewOf("envoy", metadata)]).toEqual(["grpc-tls", "envoy"]);
		expect([viewOf("grpc", { [UPSTREAM_TLS_METADATA]: "true" }), viewOf("grpc", undefined)]).toEqual(["grpc", "grpc"]);
		expect(familyOfView("grpc-tls")).toBe("grpc");
	});

	it("is one with proxies to endpoints for a gRPC client that says so", () => {
		const metadata = { [PROXY_METADATA]: true };
		expect([viewOf("grpc", metadata), viewOf("envoy", metadata)]).toEqual(["grpc-proxy", "envoy"]);
		expect(viewOf("grpc", { ...metadata, [UPSTREAM_TLS_METADATA]: true })).toBe("grpc-tls-proxy");
		expect(viewOf("grpc", { [PROXY_METADATA]: "true" })).toBe("grpc");
		const views = ["envoy", "grpc", "grpc-tls", "grpc-proxy", "grpc-tls-proxy"] as const;
		expect(views.filter(knowsTls)).toEqual(["envoy", "grpc-tls", "grpc-tls-proxy"]);
		expect(views.filter(knowsProxies)).toEqual(["envoy", "grpc-proxy", "grpc-tls-proxy"]);
		expect(views.filter((view) => familyOfView(view) === "envoy")).toEqual(["envoy"]);
	});
});
