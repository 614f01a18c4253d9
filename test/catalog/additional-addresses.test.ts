import { describe, expect, it } from "vitest";
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
});
