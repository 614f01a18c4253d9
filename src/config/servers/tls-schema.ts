import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { TLS_VERSIONS } from "../../util/tls/tls-files.js";
import { file } from "./address-schema.js";

/** A server's TLS: files, which are followed. */
export function tlsSchema() {
	return strictObject({
		cert: file("PEM").describe("The server's certificate, and those between it and its CA: a PEM file."),
		key: file("PEM").describe("The certificate's private key, without a passphrase: a PEM file."),
		clientCa: file("PEM")
			.optional()
			.describe(
				"CAs of clients: who brings no certificate of theirs is refused. Nobody has to bring one unless given.",
			),
		crl: file("PEM").optional().describe("Revocation lists of these CAs, one of each: who is listed is refused."),
		minVersion: oneOf(TLS_VERSIONS).default("1.2").describe("The least TLS version. 1.3 is preferred."),
	}).refine(({ clientCa, crl }) => crl === undefined || clientCa !== undefined, {
		error: "there is nothing to revoke without clientCa",
		path: ["crl"],
	});
}
