import { expect, it } from "vitest";
import { EncodedResource } from "../../src/resources/encoded-resource.js";
import { isPlaceholder, placeholderOf } from "../../src/resources/placeholder.js";
import { resourceType } from "../../src/resources/resource-types.js";
import { decodeSotw } from "./decode.js";

it("an empty assignment stands for a name that does not exist, and for it alone (R20, R23)", () => {
	const eds = resourceType("eds");
	const placeholder = placeholderOf(eds, "web");
	expect(decodeSotw(placeholder as EncodedResource)).toEqual({ "@type": eds.url, cluster_name: "web" });
	expect(isPlaceholder(eds, placeholder as EncodedResource)).toBe(true);
	expect(isPlaceholder(eds, new EncodedResource(eds.url, "web", Buffer.of(10, 1, 97)))).toBe(false);
});

it("nothing stands for the empty name, nor for what is missing of another type", () => {
	expect(placeholderOf(resourceType("eds"), "")).toBeUndefined();
	for (const id of ["cds", "lds", "rds"] as const) {
		const type = resourceType(id);
		expect(placeholderOf(type, "web")).toBeUndefined();
		expect(isPlaceholder(type, new EncodedResource(type.url, "web", new Uint8Array()))).toBe(false);
	}
});
