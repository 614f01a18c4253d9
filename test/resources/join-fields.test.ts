import fc from "fast-check";
import { expect, it } from "vitest";
import { ClusterLoadAssignment } from "../../src/gen/envoy/config/endpoint/v3/endpoint.js";
import { Any } from "../../src/gen/google/protobuf/any.js";
import { joinFields } from "../../src/resources/join-fields.js";
import { resourceType } from "../../src/resources/resource-types.js";

it("joins fields as a codec does, of every length", () => {
	for (const length of [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 5_000_000]) {
		const value = new Uint8Array(length).fill(7);
		const joined = joinFields([
			[1, Buffer.from("é")],
			[2, value],
		]);
		expect(Buffer.compare(joined, Any.encode({ typeUrl: "é", value }).finish())).toBe(0);
	}
	expect(joinFields([])).toHaveLength(0);
});

it("a placeholder is an assignment with its name and nothing else", () => {
	const { placeholder } = resourceType("eds");
	fc.assert(
		fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (clusterName) => {
			const codec = ClusterLoadAssignment.encode({ clusterName, endpoints: [], namedEndpoints: {} }).finish();
			expect(Buffer.compare(placeholder?.(clusterName) ?? Buffer.alloc(0), codec)).toBe(0);
		}),
	);
});
