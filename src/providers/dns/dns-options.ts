import { isAbsolute } from "node:path";
import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { formatDuration } from "../../util/duration.js";
import { parseServer } from "./client/server-address.js";

/**
 * Which addresses of a name are used. The other family is used if the preferred one has no record,
 * not if it fails.
 */
export const ADDRESS_FAMILIES = ["prefer-ipv4", "prefer-ipv6", "both"] as const;

export type AddressFamily = (typeof ADDRESS_FAMILIES)[number];

const HOSTS_FORMS = "a hosts file's absolute path such as /etc/hosts, or off";

const server = z
	.string({ error: ({ input }) => `expected a server such as 10.0.0.2 or "[::1]:5353", not ${describe(input)}` })
	.meta({ examples: ["127.0.0.1:5353"] })
	.transform((text, ctx) => {
		const parsed = parseServer(text);
		if (parsed) return parsed;
		ctx.addIssue({
			code: "custom",
			message: `expected a server's IP address, with a port if it is not 53, such as 10.0.0.2 or "[::1]:5353", not ${describe(text)}`,
		});
		return z.NEVER;
	});

/** The settings of a `dns` provider. All times are milliseconds once read. */
export const dnsOptions = strictObject({
	servers: z
		.array(server, { error: ({ input }) => `expected a list of servers, not ${describe(input)}` })
		.min(1, { error: "expected at least one server; without servers the system's are asked" })
		.optional()
		.describe(
			"The DNS servers, in the order in which they are asked: IP addresses, port 53 unless given. The system's servers by default.",
		),
	hosts: z
		.string({ error: ({ input }) => `expected ${HOSTS_FORMS}, not ${describe(input)}` })
		.refine((path) => path === "off" || isAbsolute(path), {
			error: ({ input }) => `expected ${HOSTS_FORMS}, not ${describe(input)}`,
		})
		.default("/etc/hosts")
		.meta({ examples: ["off"] })
		.describe("A file whose names need no server, followed as it changes; off: no file. Not for dns://SERVER/NAME."),
	addressFamily: oneOf(ADDRESS_FAMILIES)
		.default("prefer-ipv4")
		.describe("Which addresses are used: prefer-ipv4 takes IPv6 only where a name has no IPv4 address."),
	minInterval: duration({ example: "30s", minimum: 1_000 })
		.prefault("30s")
		.describe("No record is asked for more often, whatever its TTL and however often a refresh is requested."),
	maxInterval: duration({ example: "5m", minimum: 1_000 })
		.prefault("5m")
		.describe("Every record is asked for at least this often, whatever its TTL."),
	timeout: duration({ example: "10s", minimum: 100 })
		.prefault("10s")
		.describe("How long one look-up may take, over all servers and attempts."),
	emptyAnswers: z
		.int({ error: ({ input }) => `expected a whole number such as 3, not ${describe(input)}` })
		.min(1, { error: "expected at least 1" })
		.max(1_000, { error: "expected at most 1000" })
		.default(3)
		.describe("So many answers in a row must say that there is nothing before a target that had endpoints is empty."),
	emptyAfter: duration({ example: "60s" }).prefault("60s").describe("And for so long they must have said it."),
}).refine(({ minInterval, maxInterval }) => minInterval <= maxInterval, {
	path: ["minInterval"],
	error: ({ input }) => {
		const { minInterval, maxInterval } = input as { minInterval: number; maxInterval: number };
		return `minInterval (${formatDuration(minInterval)}) must not be above maxInterval (${formatDuration(maxInterval)})`;
	},
});

export type DnsOptions = Readonly<z.output<typeof dnsOptions>>;
