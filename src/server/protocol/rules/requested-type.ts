import type { ResourceType } from "../../../resources/resource-type.js";
import { resourceTypeByUrl } from "../../../resources/resource-types.js";
import { cleanText } from "../../../util/text/clean-text.js";
import { MAX_SHOWN, RpcError } from "../../wire/rpc-error.js";

/**
 * R3: a request on ADS names its type. A stream of a per-type service fills it in, and refuses another one.
 * @param only the type of a per-type service; undefined on ADS.
 * @returns undefined if the server does not know the type: it is ignored, and disturbs no other (R45).
 * @throws RpcError INVALID_ARGUMENT
 */
export function requestedType(url: string, only: ResourceType | undefined): ResourceType | undefined {
	if (!only) {
		if (url === "") throw RpcError.invalid("a request on an aggregated stream needs a type_url");
		return resourceTypeByUrl(url);
	}
	if (url === "" || url === only.url) return only;
	const shown = cleanText(url, { max: MAX_SHOWN });
	throw RpcError.invalid(`type_url "${shown}" on a stream that serves ${only.url} only`);
}
