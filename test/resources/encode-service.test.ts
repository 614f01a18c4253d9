import { expect, it } from "vitest";
import { endpoint } from "../../src/model/endpoint.js";
import { encodeService, encodeServiceInSteps } from "../../src/resources/encode-service.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { areSteps, atOnce } from "../../src/util/steps.js";

const EDS = resourceType("eds");
const DEFINITION = { name: "web", protocol: "http1", connectTimeout: 5_000, targets: [] } as const;

it("a service is encoded in steps where it has more than 4,096 endpoints, and becomes the same", () => {
	for (const [count, inSteps] of [
		[1, false],
		[4_096, false],
		[4_097, true],
	] as const) {
		const endpoints = Array.from({ length: count }, (_, i) =>
			endpoint({ address: `10.0.${i >> 8}.${i & 255}`, port: 80 }),
		);
		const encoded = encodeServiceInSteps(EDS, "envoy", DEFINITION, endpoints);
		expect(areSteps(encoded), `${count} endpoints`).toBe(inSteps);
		const resource = areSteps(encoded) ? atOnce(encoded) : encoded;
		expect(resource.version).toBe(encodeService(EDS, "envoy", DEFINITION, endpoints).version);
	}
});

it("a type of which no service has resources is refused", () => {
	const { ofService: _, ...type } = EDS;
	for (const encode of [encodeService, encodeServiceInSteps]) {
		expect(() => encode(type, "envoy", DEFINITION, [])).toThrow(TypeError);
	}
});
