import type { z } from "zod";
import { oneOf } from "../../input/one-of.js";
import { strictObject } from "../../input/strict-object.js";
import { agentOptions, checkAccess } from "../blocking/agent-options.js";
import { text } from "../http-client/client-options.js";

/** What an endpoint is whose worst check says `warning`. */
export const WARNINGS = ["healthy", "degraded", "unhealthy"] as const;

/** The settings of the Consul provider. */
export const consulOptions = strictObject({
	...agentOptions({
		...{ address: "http://127.0.0.1:8500", tokenVariable: "CONSUL_HTTP_TOKEN" },
		...{ tokenFile: "/var/run/secrets/consul/token", maxQueries: 100, mostConnections: 200 },
	}),
	datacenter: text("dc1").optional().describe("The datacenter of targets without ?dc=; the agent's own unless given."),
	namespace: text("shop").optional().describe("The namespace of targets without ?ns= (Consul Enterprise)."),
	partition: text("web").optional().describe("The admin partition of targets without ?partition= (Consul Enterprise)."),
	warning: oneOf(WARNINGS)
		.default("healthy")
		.describe("What an instance is whose worst check says warning. Its weight is the one for warning in any case."),
}).superRefine(checkAccess);

/** The settings of the Consul provider, with their defaults. */
export type ConsulOptions = z.output<typeof consulOptions>;
