import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeltaDiscoveryRequest, DiscoveryRequest } from "../../../src/gen/envoy/service/discovery/v3/discovery.js";
import { RESOURCE_TYPES } from "../../../src/resources/resource-types.js";
import { randomRuns } from "../../random-runs.js";
import { decodeDeltaRequest, decodeSotwRequest } from "./decode-at-once.js";

const text = fc.oneof(
	fc.string({ maxLength: 12 }),
	fc.string({ unit: "binary", maxLength: 6 }),
	fc.constant("a".repeat(300)),
);
const names = fc.array(text, { maxLength: 6 });
const typeUrl = fc.oneof(fc.constantFrom(...RESOURCE_TYPES.map(({ url }) => url)), text);
const error = fc.option(fc.record({ code: fc.nat(), message: fc.stringMatching(/^[a-z ]{0,20}$/) }), {
	nil: undefined,
});
const node = fc.option(fc.record({ id: text, cluster: text }), { nil: undefined });

const sotw = fc
	.record({ versionInfo: text, node, resourceNames: names, typeUrl, responseNonce: text, errorDetail: error })
	.map((parts) => DiscoveryRequest.fromPartial(parts));
const delta = fc
	.record({
		node,
		typeUrl,
		resourceNamesSubscribe: names,
		resourceNamesUnsubscribe: names,
		initialResourceVersions: fc.dictionary(text, text, { maxKeys: 4 }),
		responseNonce: text,
		errorDetail: error,
	})
	.map((parts) => DeltaDiscoveryRequest.fromPartial(parts));

/** Fields that no version of the message has, of each wire type. */
const unknown = fc
	.tuple(fc.integer({ min: 100, max: 100_000 }), fc.constantFrom("varint", "32", "64", "bytes", "group"))
	.map(([field, kind]) => {
		const writer = new BinaryWriter();
		if (kind === "varint") writer.tag(field, WireType.Varint).uint64("18446744073709551615");
		else if (kind === "32") writer.tag(field, WireType.Bit32).fixed32(7);
		else if (kind === "64") writer.tag(field, WireType.Bit64).fixed64(7);
		else if (kind === "bytes") writer.tag(field, WireType.LengthDelimited).bytes(new Uint8Array(200));
		else writer.tag(field, WireType.StartGroup).tag(1, WireType.Varint).int32(1).tag(field, WireType.EndGroup);
		return writer.finish();
	});

function expectSotw(bytes: Uint8Array, asGenerated: DiscoveryRequest): void {
	const read = decodeSotwRequest(bytes, true);
	const { versionInfo, node, resourceNames, typeUrl, responseNonce, errorDetail } = asGenerated;
	const error = errorDetail && { code: errorDetail.code, message: errorDetail.message };
	expect(read).toEqual({ version: versionInfo, node, names: resourceNames, typeUrl, nonce: responseNonce, error });
}

function expectDelta(bytes: Uint8Array, asGenerated: DeltaDiscoveryRequest): void {
	const { initialVersions, ...read } = decodeDeltaRequest(bytes, true);
	const { node, typeUrl, responseNonce, errorDetail, initialResourceVersions } = asGenerated;
	const error = errorDetail && { code: errorDetail.code, message: errorDetail.message };
	const { resourceNamesSubscribe: subscribe, resourceNamesUnsubscribe: unsubscribe } = asGenerated;
	expect(read).toEqual({ node, typeUrl, nonce: responseNonce, error, subscribe, unsubscribe });
	expect(Object.fromEntries(initialVersions)).toEqual(initialResourceVersions);
}

describe("a request", () => {
	it("is read as the generated code reads it, whatever else is in it (R15)", () => {
		fc.assert(
			fc.property(sotw, unknown, unknown, (request, before, after) => {
				const bytes = Buffer.concat([before, DiscoveryRequest.encode(request).finish(), after]);
				expectSotw(bytes, DiscoveryRequest.decode(bytes));
			}),
		);
		fc.assert(
			fc.property(delta, unknown, unknown, (request, before, after) => {
				const bytes = Buffer.concat([before, DeltaDiscoveryRequest.encode(request).finish(), after]);
				expectDelta(bytes, DeltaDiscoveryRequest.decode(bytes));
			}),
		);
	});

	it("that is broken off ends in an error, not in half a request", () => {
		fc.assert(
			fc.property(delta, fc.nat(), (request, at) => {
				const whole = DeltaDiscoveryRequest.encode(request).finish();
				const bytes = whole.subarray(0, whole.length === 0 ? 0 : at % whole.length);
				let generated: DeltaDiscoveryRequest | undefined;
				try {
					generated = DeltaDiscoveryRequest.decode(bytes);
				} catch {
					expect(() => decodeDeltaRequest(bytes, true)).toThrow();
				}
				// Broken off between two fields.
				if (generated) expectDelta(bytes, generated);
			}),
		);
	});

	it("of any bytes is read or refused", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
				for (const read of [() => decodeSotwRequest(bytes, true), () => decodeDeltaRequest(bytes, true)]) {
					try {
						expect(read()).toHaveProperty("typeUrl");
					} catch (reason) {
						expect(reason).toBeInstanceOf(Error);
					}
				}
			}),
			randomRuns(2_000),
		);
	});
});
