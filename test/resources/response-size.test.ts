import { expect, it } from "vitest";
import { MAX_RESPONSE_BYTES, maxResourceBytes } from "../../src/resources/response-size.js";

/** What a gRPC client accepts unless it is told otherwise. */
const GRPC_LIMIT = 4_194_304;

it("a response leaves 16 KiB of gRPC's limit to what is not resources (R37)", () => {
	expect(GRPC_LIMIT - MAX_RESPONSE_BYTES).toBe(16_384);
});

it("a resource for gRPC has to fit into a response, one for Envoy may be of any size", () => {
	expect(maxResourceBytes("grpc")).toBe(MAX_RESPONSE_BYTES);
	expect(maxResourceBytes("envoy")).toBe(Number.POSITIVE_INFINITY);
});
