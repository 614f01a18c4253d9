import { z } from "zod";
import { describe } from "../../input/check.js";
import { duration } from "../../input/duration-schema.js";
import { strictObject } from "../../input/strict-object.js";
import { count, text } from "./numbers.js";

const KINDS = ["http", "grpc", "tcp"] as const;

/** What Envoys ask the endpoints. */
export function healthChecksSchema() {
	const check = strictObject({
		http: httpSchema().optional().describe("By a GET over HTTP."),
		grpc: strictObject({
			serviceName: text("the name of a service")
				.optional()
				.describe("The service that is asked for; the whole server unless given."),
			authority: text("an authority")
				.optional()
				.describe("The authority of the call; the service's name unless given."),
		})
			.optional()
			.describe("By the health service of gRPC."),
		tcp: strictObject({}).optional().describe("By a connection: who takes one is well."),
		interval: duration({ example: "5s", minimum: 1 }).prefault("5s").describe("The time between two checks."),
		timeout: duration({ example: "1s", minimum: 1 }).prefault("1s").describe("How long an answer may take."),
		healthyThreshold: count({ example: 1, minimum: 1 })
			.default(1)
			.describe("After so many good checks in a row an endpoint is used again."),
		unhealthyThreshold: count({ example: 3, minimum: 1 })
			.default(3)
			.describe("After so many bad ones it is used no more; an HTTP status that is not expected counts at once."),
	}).superRefine((written, ctx) => {
		const given = KINDS.filter((key) => written[key] !== undefined);
		if (given.length === 1) return;
		const message = `expected exactly one of ${KINDS.join(", ")}, ${given.length === 0 ? "none is" : `${given.join(" and ")} are`} given`;
		ctx.addIssue({ code: "custom", message });
	});
	return z
		.array(check, {
			error: ({ input }) => `expected a list of checks such as [{http: {path: /healthz}}], not ${describe(input)}`,
		})
		.max(1, { error: "expected one check: an Envoy makes no more of a service" });
}

function httpSchema() {
	const status = z
		.union([count({ example: 200, minimum: 100, maximum: 599 }), z.string()], {
			error: ({ input }) => `expected a status such as 200 or 200-299, not ${describe(input)}`,
		})
		.transform((written, ctx): readonly [from: number, to: number] => {
			if (typeof written === "number") return [written, written];
			const [, from, to] = /^([1-5]\d\d)-([1-5]\d\d)$/.exec(written) ?? [];
			if (from !== undefined && to !== undefined && from <= to) return [Number(from), Number(to)];
			ctx.addIssue({ code: "custom", message: `expected a status such as 200 or 200-299, not ${describe(written)}` });
			return z.NEVER;
		});
	return strictObject({
		path: text("a path such as /healthz")
			.regex(/^\//, { error: ({ input }) => `expected a path such as /healthz, not ${describe(input)}` })
			.describe("The path that is asked for."),
		host: text("a host name").optional().describe("The host that is asked for; the service's name unless given."),
		expectedStatuses: z
			.array(status, { error: ({ input }) => `expected a list such as [200, 204], not ${describe(input)}` })
			.min(1, { error: "expected at least one status" })
			.optional()
			.describe("The statuses that are well, one by one or as 200-299; 200 unless given."),
	});
}
