import { isIPv6 } from "node:net";
import { z } from "zod";
import {
	DEFAULT_WEIGHT,
	type Endpoint,
	HEALTHS,
	MAX_PRIORITY,
	MAX_WEIGHT,
	type OtherAddress,
} from "../model/endpoint.js";
import {
	canonicalAddress,
	hostProblem,
	isAddress,
	otherAddressProblem,
	parseEndpointAddress,
} from "../model/endpoint-address.js";
import { NO_LOCALITY } from "../model/locality.js";
import { describe } from "./check.js";
import { oneOf } from "./one-of.js";
import { strictObject } from "./strict-object.js";

const ADDRESS_EXAMPLES = ["127.0.0.1:8080", "[::1]:8080", "web.internal:8080"];

/** A whole number from 0 to the maximum; the message names what it is of. */
function wholeNumber(what: string, maximum: number) {
	const error = (issue: { readonly input?: unknown }) =>
		`${what} is a whole number from 0 to ${maximum}, not ${describe(issue.input)}${unquote(issue.input)}`;
	return z.int({ error }).min(0, { error }).max(maximum, { error });
}

function unquote(input: unknown): string {
	return typeof input === "string" && /^[0-9]+$/.test(input) ? "; take away the quotes" : "";
}

/** A priority, as an endpoint and a target have one. */
export const prioritySchema = wholeNumber("a priority", MAX_PRIORITY)
	.default(0)
	.describe("0 is used first; those of the next priority only when these are not enough. 0 to 128.");

const addressText = z.string().meta({
	description: "Address and port; an IPv6 address in brackets. A host name is resolved by DNS, continuously.",
	examples: ADDRESS_EXAMPLES,
});

const shortForm = addressText.transform((text, ctx): Endpoint => {
	const parsed = parseEndpointAddress(text);
	if (parsed.problem !== undefined) {
		ctx.addIssue({ code: "custom", message: parsed.problem });
		return z.NEVER;
	}
	return {
		address: parsed.address,
		port: parsed.port,
		health: "healthy",
		weight: DEFAULT_WEIGHT,
		priority: 0,
		locality: NO_LOCALITY,
	};
});

/** A locality of which parts may be missing: for what does not say all of it. */
export const localityPartsSchema = strictObject({
	region: z.string().optional().describe("The region."),
	zone: z.string().optional().describe("The zone within the region."),
	subZone: z.string().optional().describe("The part of the zone: a rack, a building."),
});

export const healthSchema = oneOf(HEALTHS);

export const weightSchema = wholeNumber("a weight", MAX_WEIGHT);

const METADATA_VALUE = "expected a text, a number, true, false, or a list of these";

const metadataScalar = z.union([z.string(), z.number(), z.boolean()], {
	error: ({ input }) => `expected a text, a number, true or false, not ${describe(input)}`,
});

/** Values by their names. */
export const metadataSchema = z.record(
	z.string(),
	z.union([z.string(), z.number(), z.boolean(), z.array(metadataScalar)], {
		error: ({ input }) => `${METADATA_VALUE}, not ${describe(input)}`,
	}),
);

/** `[::1]:8080`, or an address alone, which has the endpoint's port. */
const otherAddress = z.string().transform((text, ctx): Omit<OtherAddress, "port"> & Partial<OtherAddress> => {
	const alone = isAddress(text);
	const parsed = alone ? { address: canonicalAddress(text), problem: hostProblem(text) } : parseEndpointAddress(text);
	const problem = parsed.problem ?? (alone ? undefined : otherAddressProblem(parsed));
	if (problem === undefined) return parsed as OtherAddress;
	ctx.addIssue({ code: "custom", message: problem });
	return z.NEVER;
});

const localitySchema = strictObject({
	region: z.string().default("").describe("The region."),
	zone: z.string().default("").describe("The zone within the region."),
	subZone: z.string().default("").describe("The part of the zone: a rack, a building."),
});

/** `{address: 127.0.0.1, port: 80}`, as other programs write it: one message tells how it is written here. */
function portBeside(input: unknown): string | undefined {
	if (typeof input !== "object" || input === null) return undefined;
	const { address, port } = input as { readonly address?: unknown; readonly port?: unknown };
	if (typeof address !== "string" || !/^\d{1,5}$/.test(String(port))) return undefined;
	const text = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
	return parseEndpointAddress(text).problem === undefined ? `write address: "${text}"` : undefined;
}

const longForm = strictObject({
	address: addressText.transform((text, ctx) => {
		const parsed = parseEndpointAddress(text);
		if (parsed.problem === undefined) return parsed;
		ctx.addIssue({ code: "custom", message: parsed.problem });
		return z.NEVER;
	}),
	weight: weightSchema
		.default(DEFAULT_WEIGHT)
		.describe("The share of the traffic relative to the service's other endpoints; 100 is a full share, 0 none."),
	health: healthSchema
		.default("healthy")
		.describe("healthy and unknown get traffic; degraded only while none of these is left."),
	priority: prioritySchema,
	hostname: z
		.string()
		.min(1, { error: "a hostname is not empty; leave the key out" })
		.optional()
		.describe("The endpoint's name, as clients are told it; the host name in `address` unless given."),
	locality: localitySchema.optional().describe("Where the endpoint runs."),
	metadata: metadataSchema
		.optional()
		.describe(
			'Texts, numbers, true or false, and lists of these, that go to filter_metadata["envoy.lb"]: what subsets are chosen by.',
		),
	additionalAddresses: z
		.array(otherAddress, {
			error: ({ input }) => `expected a list of addresses such as ["[::1]:8080"], not ${describe(input)}`,
		})
		.optional()
		.describe(
			"Other addresses of the same endpoint, tried where the first does not answer; the port is the same unless given.",
		),
}).transform(({ address: { address, port }, locality, hostname, metadata, additionalAddresses, ...rest }): Endpoint => {
	const endpoint = { address, port, ...rest, locality: locality ?? NO_LOCALITY };
	return {
		...endpoint,
		...(hostname === undefined ? {} : { hostname }),
		...(metadata === undefined ? {} : { metadata }),
		...(additionalAddresses?.length
			? {
					additionalAddresses: additionalAddresses.map((other) => ({
						address: other.address,
						port: other.port ?? port,
					})),
				}
			: {}),
	};
});

function refusePort(input: unknown, ctx: z.core.$RefinementCtx): unknown {
	const message = portBeside(input);
	if (message === undefined) return input;
	ctx.addIssue({
		code: "custom",
		path: ["port"],
		message: `an endpoint has no key "port": ${message}`,
	});
	return z.NEVER;
}

/** An endpoint as it is written in a config or an endpoints file: `127.0.0.1:8080`, or an object. */
export const endpointSchema = z.union([shortForm, z.preprocess(refusePort, longForm)], {
	error: ({ input }) =>
		`expected an endpoint such as 127.0.0.1:8080 or {address: "127.0.0.1:8080", weight: 50}, not ${describe(input)}`,
});

/** A list of endpoints; an empty one says that there are none. */
export const endpointListSchema = z.array(endpointSchema, {
	error: ({ input }) => `expected a list of endpoints such as [127.0.0.1:8080], not ${describe(input)}`,
});
