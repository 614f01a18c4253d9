import { runInNewContext } from "node:vm";
import { status } from "@grpc/grpc-js";
import type { NodeMatcher } from "../../gen/envoy/type/matcher/v3/node.js";
import type { StringMatcher } from "../../gen/envoy/type/matcher/v3/string.js";
import { RpcError } from "../wire/rpc-error.js";

/** Time limit for a regular expression over all node ids: some never end. */
const MAX_REGEX_MS = 100;
const MAX_REGEX_LENGTH = 1_024;

/**
 * The node ids that one of the matchers matches; all of them if there is no matcher.
 * @throws RpcError UNIMPLEMENTED or INVALID_ARGUMENT for a matcher that is not supported.
 */
export function matchingNodes(matchers: readonly NodeMatcher[], ids: ReadonlySet<string>): ReadonlySet<string> {
	if (matchers.length === 0) return ids;
	const matching = new Set<string>();
	for (const { nodeId, nodeMetadatas } of matchers) {
		if (nodeMetadatas.length > 0) {
			throw new RpcError(status.UNIMPLEMENTED, "node_metadatas is not supported: match by node_id");
		}
		for (const id of nodeId ? matchingTexts(nodeId, ids) : ids) matching.add(id);
	}
	return matching;
}

function matchingTexts(matcher: StringMatcher, texts: ReadonlySet<string>): Iterable<string> {
	const { exact, prefix, suffix, contains, safeRegex, ignoreCase } = matcher;
	const of = (text: string) => (ignoreCase ? text.toLowerCase() : text);
	const filter = (matches: (text: string) => boolean) => [...texts].filter((text) => matches(of(text)));
	if (exact !== undefined) return filter((text) => text === of(exact));
	if (prefix !== undefined) return filter((text) => text.startsWith(of(prefix)));
	if (suffix !== undefined) return filter((text) => text.endsWith(of(suffix)));
	if (contains !== undefined) return filter((text) => text.includes(of(contains)));
	if (safeRegex !== undefined) return matchingRegex(safeRegex.regex, [...texts]);
	const known = "exact, prefix, suffix, contains or safe_regex";
	throw RpcError.invalid(`a node_id is matched by ${known}`);
}

/** The whole text has to match, and `ignore_case` does not apply: as Envoy does with RE2. */
function matchingRegex(pattern: string, texts: readonly string[]): readonly string[] {
	if (pattern.length > MAX_REGEX_LENGTH) {
		throw RpcError.invalid(`a regex is at most ${MAX_REGEX_LENGTH} characters long`);
	}
	const regex = compiled(pattern);
	try {
		// The only way to stop a regular expression that takes forever.
		return runInNewContext("texts.filter((text) => regex.test(text))", { regex, texts }, { timeout: MAX_REGEX_MS });
	} catch (reason) {
		const details = `the regex "${pattern}" took longer than ${MAX_REGEX_MS} ms`;
		throw RpcError.invalid(details, reason);
	}
}

function compiled(pattern: string): RegExp {
	try {
		return new RegExp(`^(?:${pattern})$`, "su");
	} catch (reason) {
		const details = `the regex "${pattern}" cannot be read: ${(reason as Error).message}`;
		throw RpcError.invalid(details, reason);
	}
}
