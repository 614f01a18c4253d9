import { type Family, familyOf, type View, viewOf } from "../../resources/view.js";
import { cleanText } from "../../util/text/clean-text.js";
import { MAX_SHOWN } from "../wire/rpc-error.js";
import type { StreamIdentity } from "./server-events.js";

/** What of a `Node` tells who a client is. */
export interface DescribedNode {
	readonly id: string;
	readonly userAgentName: string;
	readonly metadata?: Readonly<Record<string, unknown>> | undefined;
	readonly userAgentVersion?: string | undefined;
	readonly userAgentBuildVersion?:
		| {
				readonly version?:
					| { readonly majorNumber: number; readonly minorNumber: number; readonly patch: number }
					| undefined;
		  }
		| undefined;
}

/** Who a client says it is, and the view that it gets for that. */
export function nodeIdentity(
	node: DescribedNode | undefined,
): Pick<StreamIdentity, "node" | "userAgent"> & { readonly family: Family; readonly view: View } {
	const userAgent = node?.userAgentName ?? "";
	const build = node?.userAgentBuildVersion?.version;
	const version = node?.userAgentVersion ?? (build && `${build.majorNumber}.${build.minorNumber}.${build.patch}`);
	const family = familyOf(userAgent);
	return {
		node: cleanText(node?.id ?? "", { max: MAX_SHOWN }),
		family,
		view: viewOf(family, node?.metadata),
		userAgent: cleanText([userAgent, version].filter(Boolean).join(" "), { max: MAX_SHOWN }),
	};
}
