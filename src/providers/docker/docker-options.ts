import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";
import { DEFAULT_SOCKET, parseEngineAddress } from "./engine/engine-address.js";

/** The settings of the Docker provider. */
export const dockerOptions = strictObject({
	socket: z
		.string({ error: ({ input }) => `expected an engine's address such as ${DEFAULT_SOCKET}, not ${describe(input)}` })
		.superRefine((text, ctx) => {
			const read = parseEngineAddress(text);
			if (typeof read === "string") ctx.addIssue({ code: "custom", message: `${read}, not ${describe(text)}` });
		})
		.meta({ examples: [DEFAULT_SOCKET, "tcp://127.0.0.1:2375"] })
		.optional()
		.describe(
			`Where the engine listens: unix:///path or tcp://host:port. Without it DOCKER_HOST, else ${DEFAULT_SOCKET}.`,
		),
	network: z
		.string({ error: ({ input }) => `expected the name of a network, not ${describe(input)}` })
		.min(1, { error: "expected the name of a network, not an empty text" })
		.meta({ examples: ["mesh"] })
		.optional()
		.describe("The network whose addresses are used. Without it, one that Fingerpost's own container shares."),
});

/** The settings of the Docker provider. */
export type DockerOptions = z.output<typeof dockerOptions>;
