import { type DescExtension, getExtension, hasExtension } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { descriptorRegistry } from "../../src/resources/overlay/descriptor-registry.js";
import { REMOVAL_ORDER, RESOURCE_TYPES, resourceType, resourceTypeByUrl } from "../../src/resources/resource-types.js";

const definitions = descriptorRegistry();

describe.each(RESOURCE_TYPES)("the row of $id", (type) => {
	const { id, url, discovery, child } = type;

	it("is found by its name and its URL, which is that of a message", () => {
		expect([resourceType(id), resourceTypeByUrl(url)]).toEqual([type, type]);
		expect(resourceTypeByUrl(`${url}X`)).toBeUndefined();
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

it("the types come in the order in which they are sent, each with what the protocol says of it (R16, R18, R22, R23, R26, R43)", () => {
	const rows = RESOURCE_TYPES.map(({ id, wildcard, complete, listed, child, expires }) => [
		id,
		{ wildcard, complete, listed, child, expires },
	]);
	expect(rows).toEqual([
		["cds", { wildcard: true, complete: true, listed: true, child: "eds", expires: true }],
		["eds", { wildcard: false, complete: false, listed: false, child: undefined, expires: undefined }],
		["lds", { wildcard: true, complete: true, listed: false, child: "rds", expires: true }],
		["rds", { wildcard: false, complete: false, listed: false, child: undefined, expires: true }],
	]);
});

it("removals go from what leads on to what it leads to (R18)", () => {
	expect(REMOVAL_ORDER).toEqual(["lds", "rds", "cds", "eds"]);
});
