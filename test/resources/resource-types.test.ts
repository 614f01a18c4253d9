import { type DescExtension, getExtension, hasExtension } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { REMOVAL_ORDER, RESOURCE_TYPES, resourceType, resourceTypeByUrl } from "../../src/resources/resource-types.js";
import { descriptorRegistry } from "../../src/server/tools/descriptor-registry.js";

const definitions = descriptorRegistry();

describe.each(RESOURCE_TYPES)("the row of $id", (type) => {
	const { id, url, discovery, child } = type;

	it("is found by its name and its URL, which is that of a message", () => {
		expect([resourceType(id), resourceTypeByUrl(url)]).toEqual([type, type]);
		expect(definitions.getMessage(url.replace("type.googleapis.com/", ""))).toBeDefined();
	});

	it("has the service, the methods and the path that the protos have", () => {
		const service = definitions.getService(discovery.service);
		const methods = new Map(service?.methods.map((method) => [method.name, method]));
		for (const name of [discovery.sotw, discovery.delta]) {
			expect(methods.get(name)?.methodKind).toBe("bidi_streaming");
		}
		const http = definitions.getExtension("google.api.http") as DescExtension;
		const paths = [...methods.values()].flatMap(({ proto: { options } }) =>
			options && hasExtension(options, http) ? [(getExtension(options, http) as { pattern: unknown }).pattern] : [],
		);
		expect(paths).toEqual([{ case: "post", value: discovery.rest }]);
	});

	it("comes before its child, and goes before it", () => {
		if (!child) return;
		const order = RESOURCE_TYPES.map((each) => each.id);
		expect(order.indexOf(id)).toBeLessThan(order.indexOf(child));
		expect(REMOVAL_ORDER.indexOf(id)).toBeLessThan(REMOVAL_ORDER.indexOf(child));
	});
});

it("removals go from what leads on to what it leads to (R18)", () => {
	expect(REMOVAL_ORDER).toEqual(["lds", "rds", "cds", "eds"]);
});
