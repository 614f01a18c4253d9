import { expect, it } from "vitest";
import { RESOURCE_TYPES, resourceType, resourceTypeByUrl } from "../../src/resources/resource-types.js";

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

it("a type is found by its short name and by its URL", () => {
	for (const type of RESOURCE_TYPES) {
		expect(resourceType(type.id)).toBe(type);
		expect(resourceTypeByUrl(type.url)).toBe(type);
	}
	expect(resourceTypeByUrl("type.googleapis.com/envoy.config.Unheard")).toBeUndefined();
});
