import fc from "fast-check";
import { addressOf, type Endpoint, HEALTHS } from "../../src/model/endpoint.js";

// Few values of each, so that duplicates, shared localities and equal weights come up often.
const text = fc.constantFrom("", "a", "b", "eu-1a");

export const locality = fc.record({ region: text, zone: text, subZone: text });

// "__proto__" cannot be a key of a protobuf Struct as it is generated.
const key = fc.string({ unit: "grapheme", maxLength: 3 }).filter((k) => k !== "__proto__");

const address = fc.oneof(
	fc.integer({ min: 1, max: 9 }).map((n) => `10.0.0.${n}`),
	fc.integer({ min: 1, max: 9 }).map((n) => `2001:db8::${n}`),
);

const scalar = fc.oneof(fc.string({ unit: "grapheme", maxLength: 3 }), fc.constantFrom(0, 1, -2.5, 1e20), fc.boolean());

const metadataValue = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));

/** A port of 1 to 3, so that addresses repeat. */
export const anyEndpoint: fc.Arbitrary<Endpoint> = fc.record(
	{
		address,
		port: fc.integer({ min: 1, max: 3 }),
		health: fc.constantFrom(...HEALTHS),
		weight: fc.oneof(fc.constantFrom(0, 1, 50, 100, 65_535), fc.integer({ min: 0, max: 65_535 })),
		priority: fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 128 })),
		locality,
		hostname: fc.constantFrom("a.internal", "b.internal"),
		metadata: fc.dictionary(key, metadataValue, { maxKeys: 3, noNullPrototype: true }),
		additionalAddresses: fc.array(fc.record({ address, port: fc.integer({ min: 1, max: 3 }) }), {
			minLength: 1,
			maxLength: 2,
		}),
	},
	{ requiredKeys: ["address", "port", "health", "weight", "priority", "locality"] },
);

/** Each address once, in any order. */
export function distinctEndpoints(constraints: { minLength?: number; maxLength?: number } = {}) {
	return fc.uniqueArray(anyEndpoint, { selector: addressOf, ...constraints });
}

/** The list in any order, the keys of its metadata in that of the list or in the reverse one. */
export function reordered(list: readonly Endpoint[]): fc.Arbitrary<Endpoint[]> {
	const shuffled = fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
	return fc
		.tuple(shuffled, fc.boolean())
		.map(([endpoints, reverse]) => (reverse ? endpoints.map(withReversedMetadata) : endpoints));
}

function withReversedMetadata(e: Endpoint): Endpoint {
	return e.metadata ? { ...e, metadata: Object.fromEntries(Object.entries(e.metadata).reverse()) } : e;
}
