import { type View, viewOf } from "../../resources/view.js";
import { cleanText } from "../../util/clean-text.js";
import type { StreamIdentity } from "./server-events.js";

/** What of a `Node` tells who a client is. */
export interface DescribedNode {
	readonly id: string;
	readonly userAgentName: string;
	readonly userAgentVersion?: string | undefined;
	readonly userAgentBuildVersion?:
		| {
				readonly version?:
					| { readonly majorNumber: number; readonly minorNumber: number; readonly patch: number }
					| undefined;
		  }
		| undefined;
}

/** More of a text of the client's than this is not shown: characters. */
export const MAX_SHOWN = 256;

/** A client by what it says of itself, and the view that it gets by that. */
export function nodeIdentity(
	node: DescribedNode | undefined,
): Pick<StreamIdentity, "node" | "userAgent"> & { readonly family: View } {
	const userAgent = node?.userAgentName ?? "";
	const build = node?.userAgentBuildVersion?.version;
	const version = node?.userAgentVersion ?? (build && `${build.majorNumber}.${build.minorNumber}.${build.patch}`);
	return {
		node: cleanText(node?.id ?? "", { max: MAX_SHOWN }),
		family: viewOf(userAgent),
		userAgent: cleanText([userAgent, version].filter(Boolean).join(" "), { max: MAX_SHOWN }),
	};
}
