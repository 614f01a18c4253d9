import { describe, expect, it } from "vitest";
import { withoutSecondUse } from "../../src/catalog/additional-addresses.js";
import { mergeEndpoints } from "../../src/catalog/merge.js";
import { at } from "./fake-provider.js";

const other = (address: string) => ({ address, port: 80 });

function merged(...endpoints: ReturnType<typeof at>[]) {
	const { endpoints: list, repairs } = mergeEndpoints([{ target: "t", priority: 0, endpoints }]);
	return [list.map(({ additionalAddresses }) => additionalAddresses?.map(({ address }) => address)), repairs];
}

describe("additional addresses", () => {
	it("stay where each is used once", () => {
		const first = at(1, { additionalAddresses: [other("fd00::1")] });
		expect(merged(first, at(2))).toEqual([[["fd00::1"], undefined], []]);
		const [same] = mergeEndpoints([{ target: "t", priority: 0, endpoints: [first, at(2)] }]).endpoints;
		expect(same).toBe(first);
	});

	it("are left out where they are an endpoint's own address or another's additional one, and that is told", () => {
		const first = at(1, { additionalAddresses: [other("10.0.0.2"), other("fd00::1")] });
		const second = at(2, { additionalAddresses: [other("fd00::1")] });
		expect(merged(first, second)).toEqual([
			[["fd00::1"], undefined],
			[
				"additional address 10.0.0.2:80 of 10.0.0.1:80 left out: it is used already",
				"additional address [fd00::1]:80 of 10.0.0.2:80 left out: it is used already",
			],
		]);
	});

	it.each([
		{ count: 1_023, steps: 0 },
		{ count: 1_024, steps: 2 },
		{ count: 2_047, steps: 2 },
		{ count: 2_048, steps: 4 },
	])("are looked for in steps of 1,024 endpoints, twice: among $count", ({ count, steps }) => {
		const rest = Array.from({ length: count - 1 }, (_, i) => at(0, { address: `10.1.${i >> 8}.${i & 255}` }));
		const first = at(1, { additionalAddresses: [other("fd00::1")] });
		expect([...withoutSecondUse([first, ...rest], () => {})]).toHaveLength(steps);
		expect([...withoutSecondUse(rest, () => {})]).toEqual([]);
	});
});
