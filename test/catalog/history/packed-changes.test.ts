import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deflatePack, packChanges, unpackChanges } from "../../../src/catalog/history/packed-changes.js";
import type { Origin } from "../../../src/model/endpoint.js";
import { anyEndpoint } from "../../model/arbitrary-endpoint.js";
import { changeAt, numbered } from "./changes-of.js";

const TARGET = "k8s:///shop/web:http";
const ORIGINS: readonly Origin[] = [
	{ target: TARGET },
	{ target: TARGET, object: "shop/web-1" },
	{ target: TARGET, revision: "7" },
	{ target: TARGET, at: new Date(1_764_000_000_000) },
	{ target: "dns:///web", object: "shop/web-2", revision: "8", at: new Date(1_764_000_000_007) },
	{ target: TARGET, object: "shop/web-1", revision: "9", at: new Date(1_763_000_000_000) },
];

const lists = fc.array(anyEndpoint, { maxLength: 4 });
const time = fc.integer({ min: 0, max: 2 ** 42 });

describe("packed changes", () => {
	it("are what they were, in their order", () => {
		const change = fc.record({
			...{ at: time, version: fc.string(), target: fc.string() },
			...{ added: lists, removed: lists, changed: lists, changedFrom: lists },
		});
		fc.assert(
			fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
				const text = packChanges(changes);
				expect(unpackChanges(text)).toEqual(changes);
				expect(unpackChanges(deflatePack(text))).toEqual(changes);
			}),
		);
	});

	it("have the times of the source and of the last client, where they are known", () => {
		const changes = [
			changeAt(1_000, { sourceAt: 900, ackedByAllAt: 1_200 }),
			changeAt(2_000, { sourceAt: 2_100 }),
			changeAt(1_500, { ackedByAllAt: 1_500 }),
			changeAt(1_600, { sourceAt: 1_600 }),
			changeAt(1_700),
		];
		const unpacked = unpackChanges(packChanges(changes));
		expect(unpacked).toEqual(changes);
		expect(unpacked.map((each) => ["sourceAt" in each, "ackedByAllAt" in each])).toEqual([
			...[
				[true, true],
				[true, false],
				[false, true],
				[true, false],
				[false, false],
			],
		]);
	});

	it("have the origins of their endpoints, whatever is known of these", () => {
		const added = [numbered(0), ...ORIGINS.map((origin, i) => numbered(i + 1, { origin })), numbered(9)];
		const [unpacked] = unpackChanges(packChanges([changeAt(1, { added })]));
		expect(unpacked?.added).toStrictEqual(added);
	});

	it("have each endpoint and each text once, however many changes tell of it", () => {
		const origin = ORIGINS[4] as Origin;
		const endpoint = (n: number) => numbered(n, { origin, metadata: { node: "a" } });
		const changes = Array.from({ length: 20 }, (_, i) =>
			changeAt(i, { target: TARGET, added: [endpoint(i % 3)], removed: [endpoint((i + 1) % 3)] }),
		);
		const packed = packChanges(changes);
		const { endpoints, texts } = JSON.parse(packed);
		expect(endpoints).toHaveLength(3);
		expect(new Set(texts).size).toBe(texts.length);
		expect(unpackChanges(packed)).toEqual(changes);
	});

	it("have a buffer of their own, as its memory would be kept otherwise", () => {
		const packed = deflatePack(packChanges([changeAt(1)]));
		expect(packed.buffer.byteLength).toBe(packed.byteLength);
	});

	it("are smaller when they are deflated", () => {
		const text = packChanges(Array.from({ length: 120 }, (_, i) => changeAt(i, { added: [numbered(i % 9)] })));
		expect(deflatePack(text).byteLength).toBeLessThan(text.length / 4);
	});
});
