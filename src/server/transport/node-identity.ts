import { type Family, type FamilyNode, familyOf, unknownFamilyIn, type View, viewOf } from "../../resources/view.js";
import { cleanText } from "../../util/text/clean-text.js";
import { MAX_SHOWN } from "../wire/rpc-error.js";
import type { StreamIdentity } from "./server-events.js";

/** What of a `Node` tells who a client is. */
export interface DescribedNode extends FamilyNode {
	readonly id: string;
	readonly clientFeatures?: readonly string[] | undefined;
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
	const family = node ? familyOf(node) : "envoy";
	return {
		node: cleanText(node?.id ?? "", { max: MAX_SHOWN }),
		family,
		view: viewOf(family, node?.metadata),
		userAgent: cleanText([userAgent, version].filter(Boolean).join(" "), { max: MAX_SHOWN }),
	};
}

/** What a client calls its family, as it is shown, where there is no such family. */
export function unknownFamilyOf(node: DescribedNode | undefined): string | undefined {
	const said = unknownFamilyIn(node?.metadata);
	return said && cleanText(said, { max: MAX_SHOWN });
}

/** More are not shown: Envoy announces about ten. */
const MAX_FEATURES = 64;

/** What a client announces, as it is shown. */
export function shownFeatures(node: DescribedNode | undefined): readonly string[] {
	const features = node?.clientFeatures ?? [];
	return features.slice(0, MAX_FEATURES).map((feature) => cleanText(feature, { max: MAX_SHOWN }));
}
