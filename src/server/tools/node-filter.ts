import { status } from "@grpc/grpc-js";
import { RE2JS } from "re2js";
import type { NodeMatcher } from "../../gen/envoy/type/matcher/v3/node.js";
import type { StringMatcher } from "../../gen/envoy/type/matcher/v3/string.js";
import type { Steps } from "../../util/steps.js";
import { cleanText } from "../../util/text/clean-text.js";
import { MAX_SHOWN, RpcError } from "../wire/rpc-error.js";

const MAX_MATCHERS = 32;
/** Characters. A regular expression's cost grows with its length, and with that of the text, but no faster. */
const MAX_REGEX_LENGTH = 256;
/** Texts that are compared in one step. */
const TEXTS_A_STEP = 64;

type Test = (text: string) => boolean;

/**
 * The node ids that one of the matchers matches; all of them if there is no matcher.
 * @throws RpcError UNIMPLEMENTED or INVALID_ARGUMENT for a matcher that is not supported.
 */
export function* matchingNodes(matchers: readonly NodeMatcher[], ids: ReadonlySet<string>): Steps<ReadonlySet<string>> {
	if (matchers.length === 0) return ids;
	if (matchers.length > MAX_MATCHERS) {
		throw RpcError.invalid(`${matchers.length} node_matchers; there may be ${MAX_MATCHERS}`);
	}
	const matching = new Set<string>();
	for (const { nodeId, nodeMetadatas } of matchers) {
		if (nodeMetadatas.length > 0) {
			throw new RpcError(status.UNIMPLEMENTED, "node_metadatas is not supported: match by node_id");
		}
		const test = nodeId ? testOf(nodeId) : () => true;
		yield;
		let left = TEXTS_A_STEP;
		for (const id of ids) {
			if (test(id)) matching.add(id);
			if (--left > 0) continue;
			left = TEXTS_A_STEP;
			yield;
		}
	}
	return matching;
}

function testOf(matcher: StringMatcher): Test {
	const { exact, prefix, suffix, contains, safeRegex, ignoreCase } = matcher;
	const of = (text: string) => (ignoreCase ? text.toLowerCase() : text);
	if (exact !== undefined) return (text) => of(text) === of(exact);
	if (prefix !== undefined) return (text) => of(text).startsWith(of(prefix));
	if (suffix !== undefined) return (text) => of(text).endsWith(of(suffix));
	if (contains !== undefined) return (text) => of(text).includes(of(contains));
	if (safeRegex !== undefined) return regexTest(safeRegex.regex);
	const known = "exact, prefix, suffix, contains or safe_regex";
	throw RpcError.invalid(`a node_id is matched by ${known}`);
}

/**
 * The whole text has to match, and `ignore_case` does not apply: as Envoy does with RE2. This is RE2,
 * too: JavaScript's own regular expressions may take forever.
 */
function regexTest(pattern: string): Test {
	if (pattern.length > MAX_REGEX_LENGTH) {
		throw RpcError.invalid(`a regex is at most ${MAX_REGEX_LENGTH} characters long`);
	}
	try {
		const regex = RE2JS.compile(pattern, RE2JS.DOTALL);
		return (text) => regex.matches(text);
	} catch (reason) {
		const shown = cleanText(pattern, { max: MAX_SHOWN });
		throw RpcError.invalid(`the regex "${shown}" cannot be read: ${(reason as Error).message}`, reason);
	}
}
