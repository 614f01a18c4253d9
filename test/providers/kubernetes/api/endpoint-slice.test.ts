import { describe, expect, it } from "vitest";
import { sliceObject } from "../../../../lab/slice-object.js";
import { readSlice } from "../../../../src/providers/kubernetes/api/endpoint-slice.js";

const base = sliceObject("web", { endpoints: ["10.0.0.1"] });
const object = { ...base, metadata: { ...base.metadata, resourceVersion: "1" } };
const read = (change: Readonly<Record<string, unknown>>) => readSlice({ ...object, ...change }, new Date(0), "shop");

describe("a slice", () => {
	it("may lack what Go leaves out or writes as null", () => {
		expect(read({ ports: null, endpoints: null })).toMatchObject({ ports: [], endpoints: [] });
		const metadata = { name: "web-1", resourceVersion: "1" };
		expect(read({ metadata, ports: undefined, endpoints: undefined })).toMatchObject({
			...{ service: undefined, labels: {}, changedAt: undefined, ports: [], endpoints: [] },
		});
		expect(read({ ports: [{}] }).ports).toEqual([{ name: "", port: undefined, protocol: "TCP" }]);
	});

	it("has no time of a change that is not understood", () => {
		const annotations = { "endpoints.kubernetes.io/last-change-trigger-time": "yesterday" };
		expect(read({ metadata: { ...object.metadata, annotations } }).changedAt).toBeUndefined();
	});

	it.each<[string, Readonly<Record<string, unknown>>]>([
		["metadata is not an object", { metadata: [] }],
		["metadata.name is not a string", { metadata: { resourceVersion: "1" } }],
		["metadata.resourceVersion is not a string", { metadata: { name: "a", resourceVersion: 1 } }],
		["addressType is not a string", { addressType: undefined }],
		["ports is not a list", { ports: {} }],
		["endpoints is not a list", { endpoints: "all" }],
		["endpoints is not an object", { endpoints: [1] }],
		["addresses is not a string", { endpoints: [{ addresses: [] }] }],
		["conditions is not an object", { endpoints: [{ addresses: ["10.0.0.1"], conditions: 1 }] }],
	])("of which %s is refused, not taken for empty", (problem, change) => {
		expect(() => read(change)).toThrow(`the API server's answer is not understood: ${problem}`);
	});
});
