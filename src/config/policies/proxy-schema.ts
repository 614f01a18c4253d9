import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";
import { isAddress, parseEndpointAddress } from "../../model/endpoint-address.js";
import type { HttpProxy } from "../../model/policies/policies.js";
import { text } from "./numbers.js";

/** By which HTTP proxy the endpoints are connected to. */
export function proxySchema() {
	const address = z
		.string()
		.meta({ examples: ["10.0.0.9:3128"] })
		.transform((written, ctx): HttpProxy => {
			if (written === "off") return "off";
			const parsed = parseEndpointAddress(written);
			if (parsed.problem === undefined && isAddress(parsed.address)) return parsed;
			const message = parsed.problem ?? `"${parsed.address}" is no IP address: clients look no name of a proxy up`;
			ctx.addIssue({ code: "custom", message });
			return z.NEVER;
		});
	const ofEndpoints = strictObject({
		metadata: text("a name of metadata").describe(
			"The name of metadata of endpoints whose value is the proxy; who has none is connected to directly.",
		),
	});
	return z.union([address, ofEndpoints], {
		error: ({ input }) => `expected off, IP:PORT or {metadata: NAME}, not ${describe(input)}`,
	});
}
