import { z } from "zod";
import { formatDuration, parseDuration } from "../util/duration.js";
import { describe } from "./check.js";

/** A duration in milliseconds, written as `500ms`, `30s`, `5m`, `1h30m`. */
export function duration({ example, minimum = 0 }: { readonly example: string; readonly minimum?: number }) {
	return z
		.string({
			error: ({ input }) =>
				input === null ? undefined : `expected a duration such as ${example}, not ${describe(input)}`,
		})
		.meta({ pattern: "^(\\d+(\\.\\d+)?(ms|s|m|h))+$|\\$\\{", examples: [example, "500ms", "1h30m"] })
		.transform((text, ctx) => {
			const ms = parseDuration(text);
			if (ms !== undefined && ms >= minimum) return ms;
			const least = ms === undefined ? "" : `, at least ${formatDuration(minimum)}`;
			ctx.addIssue({
				code: "custom",
				message: `expected a duration such as ${example}${least}, not ${describe(text)}`,
			});
			return z.NEVER;
		});
}
