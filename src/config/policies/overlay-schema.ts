import { z } from "zod";
import { describe } from "../../input/check.js";
import { strictObject } from "../../input/strict-object.js";
import type { MessageJson, Overlay } from "../../model/policies/policies.js";
import { readOverlay } from "../../resources/overlay/read-overlay.js";

/** What is merged last into what Envoys get. */
export function overlaySchema() {
	const overlay = strictObject({
		cluster: part("cluster").optional().describe("Fields of Envoy's Cluster."),
		assignment: part("assignment").optional().describe("Fields of Envoy's ClusterLoadAssignment."),
	});
	const error = ({ input }: { readonly input?: unknown }) =>
		`expected off or an overlay such as {cluster: {…}}, not ${describe(input)}`;
	return z.union([z.literal("off", { error }).transform((): Overlay => ({})), overlay], { error });
}

function part(name: keyof Overlay) {
	return z
		.unknown()
		.transform((written, ctx): MessageJson => {
			const { value, findings } = readOverlay(name, written);
			if (value) return value as MessageJson;
			for (const { path, at, message } of findings) {
				// An unknown key is placed at the key itself.
				if (at === "key")
					ctx.addIssue({
						code: "unrecognized_keys",
						keys: [String(path.at(-1))],
						path: path.slice(0, -1),
						message,
						input: written as Readonly<Record<string, unknown>>,
					});
				else ctx.addIssue({ code: "custom", path: [...path], message });
			}
			return z.NEVER;
		})
		.meta({ type: "object" });
}
