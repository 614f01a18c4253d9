import { fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { endpoint } from "../../../src/model/endpoint.js";
import { encodeService } from "../../../src/resources/encode-service.js";
import { descriptorRegistry } from "../../../src/resources/overlay/descriptor-registry.js";
import { RESOURCE_TYPES, resourceType } from "../../../src/resources/resource-types.js";
import { PLAIN_VIEWS } from "../../../src/resources/view.js";
import { resourcePieces } from "../../../src/server/rest/json-pieces.js";

const definition = { name: "web", protocol: "grpc", connectTimeout: 5_000, targets: [] } as const;

const endpointsOf = (count: number) =>
	Array.from({ length: count }, (_, i) =>
		endpoint({
			address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
			port: 80,
			health: "healthy",
			metadata: { version: `v${i % 3}` },
			locality: { region: "eu", zone: `z${i % 2}`, subZone: "" },
		}),
	);

describe("a resource as JSON in pieces", () => {
	it.each(RESOURCE_TYPES.flatMap(({ id }) => PLAIN_VIEWS.flatMap((view) => [1, 3_000].map((n) => ({ id, view, n })))))(
		"is what the library makes of the whole: $id for $view, $n endpoints",
		({ id, view, n }) => {
			const { value } = encodeService(resourceType(id), view, definition, endpointsOf(n));
			const { url } = resourceType(id);
			const message = descriptorRegistry().getMessage(url.slice("type.googleapis.com/".length));
			if (!message) throw new Error("no descriptor");
			const whole = toJson(message, fromBinary(message, value), { registry: descriptorRegistry() }) as object;
			const pieces = [...resourcePieces(url, value)];
			expect(JSON.parse(pieces.join(""))).toEqual({ "@type": url, ...whole });
			// No piece is long, however large the resource is.
			expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(64 * 1024);
		},
	);

	it("is made only as far as it is read", () => {
		const { value } = encodeService(resourceType("eds"), "envoy", definition, endpointsOf(3_000));
		const reading = resourcePieces(resourceType("eds").url, value);
		expect(reading.next().value).toContain('"clusterName":"web"');
		expect(reading.return(undefined).done).toBe(true);
	});

	it("says which type it does not know", () => {
		expect(() => [...resourcePieces("type.googleapis.com/no.Such", Buffer.of())]).toThrow("no.Such");
	});
});
