import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonSize } from "../../../src/server/rest/json-size.js";
import { atOnce } from "../../../src/util/steps.js";

const size = (text: string) => atOnce(jsonSize(Buffer.from(text)));

function depthOf(value: unknown): number {
	if (typeof value !== "object" || value === null) return 0;
	return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("the size of a JSON text", () => {
	it("is that of the value, whatever stands in its texts", () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(size(JSON.stringify(value)).depth).toBe(depthOf(JSON.parse(JSON.stringify(value))));
			}),
		);
		expect(size(String.raw`{"[{\"": "\\", "b": [1, 2, "]"]}`)).toEqual({ depth: 2, values: 6 });
	});

	it("is told of what is not JSON, too", () => {
		expect(size("[".repeat(1_000)).depth).toBe(1_000);
		expect(size(",".repeat(1_000)).values).toBe(1_001);
	});
});
