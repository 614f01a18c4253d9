import { expect, it } from "vitest";
import { certificateIdentity } from "../../../src/util/tls/certificate-identity.js";

it.each([
	["URI:spiffe://prod/ns/shop/sa/web", "spiffe://prod/ns/shop/sa/web"],
	["DNS:a.test, URI:spiffe://prod/web, IP Address:10.0.0.1", "spiffe://prod/web"],
	["DNS:A.test, DNS:b.test", "dns:a.test"],
	// Several URIs, or one of another kind: nobody, not the DNS name either.
	["URI:spiffe://prod/a, URI:spiffe://prod/b", undefined],
	["URI:https://a.test, DNS:a.test", undefined],
	["IP Address:10.0.0.1", undefined],
	// Names that would pass for several, as Node quotes them.
	['DNS:"a.test, URI:spiffe://prod/admin"', undefined],
	['URI:"spiffe://prod/a\\", URI:spiffe://prod/admin", DNS:a.test', undefined],
	["", undefined],
	[undefined, undefined],
])("of %j is %j", (subjectAltName, identity) => {
	expect(certificateIdentity({ subjectAltName })).toBe(identity);
});
