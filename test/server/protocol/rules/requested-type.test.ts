import { expect, it } from "vitest";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { requestedType } from "../../../../src/server/protocol/rules/requested-type.js";

const CDS = resourceType("cds");
const EDS = resourceType("eds");

it("a request on an aggregated stream is for the type that it names, and for none where that is unknown", () => {
	expect(requestedType(EDS.url, undefined)).toBe(EDS);
	expect(requestedType("type.googleapis.com/another.Type", undefined)).toBeUndefined();
});

it("a request on an aggregated stream that names no type is refused", () => {
	expect(() => requestedType("", undefined)).toThrow("needs a type_url");
});

it("a request on a stream of one type is for that one, whether it names it or not", () => {
	expect(requestedType("", CDS)).toBe(CDS);
	expect(requestedType(CDS.url, CDS)).toBe(CDS);
});

it("a request for another type on a stream of one type is refused, and both are shown", () => {
	expect(() => requestedType(EDS.url, CDS)).toThrow(`type_url "${EDS.url}" on a stream that serves ${CDS.url} only`);
});
