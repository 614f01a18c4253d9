import { z } from "zod";
import { strictObject } from "../../input/strict-object.js";
import type { MessageJson, Overlay } from "../../model/policies/policies.js";
import { readOverlay } from "../../resources/overlay/read-overlay.js";

/** What is merged last into what Envoys get. */
export function overlaySchema() {
	return strictObject({
		cluster: part("cluster").optional().describe("Fields of Envoy's Cluster."),
		assignment: part("assignment").optional().describe("Fields of Envoy's ClusterLoadAssignment."),
	});
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
