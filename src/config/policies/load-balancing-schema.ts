import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { LB_POLICIES, type LbPolicy, type LoadBalancing } from "../../model/policies/policies.js";
import { count, flag, text } from "./numbers.js";

const HASHING: readonly LbPolicy[] = ["ring_hash", "maglev"];
const WEIGHTED: readonly LbPolicy[] = ["client_side_weighted_round_robin"];

/** Which policies a key is of. */
const OF: Readonly<Record<Exclude<keyof LoadBalancing, "policy">, readonly LbPolicy[]>> = {
	slowStart: ["round_robin", "least_request", ...WEIGHTED],
	hashOn: HASHING,
	hashKey: HASHING,
	ringSize: ["ring_hash"],
	tableSize: ["maglev"],
	hashBalanceFactor: HASHING,
	choiceCount: ["least_request"],
	oobReportingPeriod: WEIGHTED,
	blackoutPeriod: WEIGHTED,
	weightExpirationPeriod: WEIGHTED,
	weightUpdatePeriod: WEIGHTED,
	errorUtilizationPenalty: WEIGHTED,
};

/** Entries of a ring. */
const MAX_RING = 8_388_608;
/** Entries of a table. */
const MAX_TABLE = 5_000_011;
/** It is a number of 32 bits; what is above this is no setting but a mistake. */
const MAX_PENALTY = 1_000_000;

const DEFAULT_POLICY: LbPolicy = "round_robin";

export function loadBalancingSchema() {
	return strictObject({
		policy: oneOf(LB_POLICIES)
			.optional()
			.meta({ default: DEFAULT_POLICY, description: "How an endpoint is chosen for a request." }),
		slowStart: slowStart()
			.optional()
			.describe(
				"A new endpoint gets its share little by little, over this time. With round_robin, least_request and client_side_weighted_round_robin.",
			),
		hashOn: hashOn()
			.optional()
			.describe(
				"What of a request decides where it goes: one of header, cookie, queryParameter and sourceIp, or a list of which the first that a request has counts.",
			),
		hashKey: hashKey()
			.optional()
			.describe(
				"What of an endpoint decides its place, with ring_hash and maglev: its hostname, or metadata of its own. Its address unless given, and where several have the same.",
			),
		ringSize: strictObject({
			minimum: count({ example: 1024, minimum: 1, maximum: MAX_RING }).optional().describe("1024 unless given."),
			maximum: count({ example: 65536, minimum: 1, maximum: MAX_RING }).optional().describe("8388608 unless given."),
		})
			.refine(({ minimum = 1024, maximum = MAX_RING }) => minimum <= maximum, {
				error: "the minimum, 1024 unless given, is above the maximum",
			})
			.optional()
			.describe("How many entries the ring has, with ring_hash: more are more even, and take more memory."),
		tableSize: count({ example: 65_537, minimum: 2, maximum: MAX_TABLE })
			.refine(isPrime, { error: ({ input }) => `expected a prime such as 65537, not ${input}` })
			.optional()
			.describe("How many entries the table has, with maglev: a prime; 65537 unless given."),
		hashBalanceFactor: count({ example: 150, minimum: 100 })
			.optional()
			.describe(
				"What an endpoint may have of the mean load, in percent, with ring_hash and maglev; what is above goes to the next.",
			),
		choiceCount: count({ example: 2, minimum: 2 })
			.optional()
			.describe("How many endpoints are looked at, with least_request; 2 unless given."),
		oobReportingPeriod: duration({ example: "10s", minimum: 1 })
			.optional()
			.describe(
				"Endpoints are asked for their load beside the requests, and report so often; unless given, they say it with each answer.",
			),
		blackoutPeriod: duration({ example: "10s" })
			.optional()
			.describe("For so long after the first report an endpoint's weight is not used; 10s unless given."),
		weightExpirationPeriod: duration({ example: "3m" })
			.optional()
			.describe("After this time without a report its weight is used no more; 3m unless given."),
		weightUpdatePeriod: duration({ example: "1s", minimum: 1 })
			.optional()
			.describe("How often weights are worked out; 1s unless given."),
		errorUtilizationPenalty: z
			.number({ error: ({ input }) => `expected a number such as 1, not ${describe(input)}` })
			.min(0, { error: ({ input }) => `expected at least 0, not ${input}` })
			.max(MAX_PENALTY, { error: ({ input }) => `expected at most ${MAX_PENALTY}, not ${input}` })
			.optional()
			.describe("How much errors count as load; 1 unless given."),
	})
		.superRefine((written, ctx) => {
			const { policy = DEFAULT_POLICY } = written;
			const unlessWritten = written.policy
				? ""
				: " unless it is given beside the key: policy is not taken from defaults";
			for (const [key, policies] of Object.entries(OF)) {
				if (written[key as keyof typeof OF] === undefined || policies.includes(policy)) continue;
				const message = `is of ${policies.join(" and ")}; the policy is ${policy}${unlessWritten}`;
				ctx.addIssue({ code: "custom", path: [key], message });
			}
		})
		.transform(({ policy = DEFAULT_POLICY, ...rest }): LoadBalancing => ({ policy, ...rest }));
}

function slowStart() {
	const window = duration({ example: "30s", minimum: 1 });
	return z.union(
		[
			window.transform((ms) => ({ window: ms })),
			strictObject({
				window: window.describe("The time until it has all of its share."),
				aggression: z
					.number({ error: ({ input }) => `expected a number such as 1, not ${describe(input)}` })
					.gt(0, { error: ({ input }) => `expected more than 0, not ${input}` })
					.optional()
					.describe("1, the default, is a straight line; more than 1 gives it more at first."),
				minWeightPercent: count({ example: 10, minimum: 1, maximum: 100 })
					.optional()
					.describe("What it gets of its weight at least, in percent; 10 unless given."),
			}),
		],
		{ error: ({ input }) => `expected a duration such as 30s or {window: 30s}, not ${describe(input)}` },
	);
}

const SOURCES = ["header", "cookie", "queryParameter", "sourceIp"] as const;

function hashOn() {
	const source = strictObject({
		header: text("the name of a header").optional().describe("The name of a header."),
		cookie: text("the name of a cookie").optional().describe("The name of a cookie."),
		ttl: duration({ example: "1h" })
			.optional()
			.describe("Of a cookie: Envoy sets it where it is missing, for this time; 0s is until the browser is closed."),
		queryParameter: text("the name of a query parameter").optional().describe("The name of a query parameter."),
		sourceIp: flag().optional().describe("The client's address; of a gRPC client the client itself."),
	}).superRefine((written, ctx) => {
		const given = SOURCES.filter((key) => written[key] !== undefined && written[key] !== false);
		const message = `expected exactly one of ${SOURCES.join(", ")}, ${given.length === 0 ? "none is" : `${given.join(" and ")} are`} given`;
		if (given.length !== 1) ctx.addIssue({ code: "custom", message });
		else if (written.ttl !== undefined && written.cookie === undefined)
			ctx.addIssue({ code: "custom", path: ["ttl"], message: "is of a cookie" });
	});
	return z.union(
		[source.transform((one) => [one]), z.array(source).min(1, { error: "expected at least one source" })],
		{ error: ({ input }) => `expected what to hash, such as {header: x-user}, not ${describe(input)}` },
	);
}

function hashKey() {
	const error = ({ input }: { readonly input?: unknown }) =>
		`expected hostname or {metadata: NAME}, not ${describe(input)}`;
	const ofMetadata = strictObject({
		metadata: text("a name of metadata").describe("The name of metadata of endpoints whose value, a text, it is."),
	});
	return z.union([z.literal("hostname", { error }), ofMetadata], { error });
}

function isPrime(value: number): boolean {
	for (let i = 2; i * i <= value; i++) if (value % i === 0) return false;
	return value > 1;
}
