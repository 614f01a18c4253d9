import type { z } from "zod";
import { strictObject } from "../../input/strict-object.js";
import { agentOptions, checkAccess } from "../blocking/agent-options.js";
import { text } from "../http-client/client-options.js";

/** The settings of the Nomad provider. */
export const nomadOptions = strictObject({
	...agentOptions({
		...{ address: "http://127.0.0.1:4646", tokenVariable: "NOMAD_TOKEN" },
		...{ tokenFile: "/var/run/secrets/nomad/token", maxQueries: 80, mostConnections: 100 },
	}),
	namespace: text("shop")
		.refine((name) => name !== "*", {
			error: "name one namespace: of all of them Nomad leaves out what it may not tell",
		})
		.default("default")
		.describe("The namespace of targets without ?namespace=."),
	region: text("global").optional().describe("The region of targets without ?region=; the agent's own unless given."),
}).superRefine(checkAccess);

/** The settings of the Nomad provider, with their defaults. */
export type NomadOptions = z.output<typeof nomadOptions>;
