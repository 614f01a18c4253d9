import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";
import { SourceFailed } from "../../util/errors.js";

/**
 * The body as text, unpacked where a gateway packed it although `identity` was asked for (RFC 9110, section 12.5.3). A
 * body that ends too soon is an error, packed or not.
 * @throws SourceFailed for another coding.
 */
export function decoded(response: IncomingMessage): Readable {
	const coding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
	if (coding === "" || coding === "identity") return response.setEncoding("utf8");
	if (coding !== "gzip" && coding !== "x-gzip") {
		response.destroy();
		throw new SourceFailed(`the answer is coded as ${JSON.stringify(coding)}, though identity was asked for`);
	}
	// A watch must give each event as it comes.
	const unpacked = createGunzip({ flush: constants.Z_SYNC_FLUSH });
	// Errors destroy the last one with the reason, where its reader sees it.
	pipeline(response, unpacked, () => {});
	return unpacked.setEncoding("utf8");
}
