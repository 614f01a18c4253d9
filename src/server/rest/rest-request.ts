import type { Limits } from "../../model/limits.js";
import type { Zone } from "../../model/zones/zone.js";
import type { ResourceType } from "../../resources/resource-type.js";
import { resourceTypeByUrl } from "../../resources/resource-types.js";
import { inSlices } from "../../util/steps.js";
import { cleanText } from "../../util/text/clean-text.js";
import type { DescribedNode } from "../transport/node-identity.js";
import type { RequestError } from "../wire/read-error.js";
import { MAX_SHOWN, RpcError } from "../wire/rpc-error.js";
import { jsonSize } from "./json-size.js";

/** Who a client says it is. */
export interface RestNode extends DescribedNode {
	readonly cluster: string;
	readonly locality: Zone | undefined;
}

/** A DiscoveryRequest that came as JSON. */
export interface RestRequest {
	readonly node: RestNode | undefined;
	/** The version that the client accepted last; empty if it has none. */
	readonly version: string;
	/** The nonce of the newest answer, if the client sends it back. */
	readonly nonce: string;
	readonly names: readonly string[];
	/** Present exactly in a NACK (R5). */
	readonly error: RequestError | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Characters of a version, nonce or type: real ones are much shorter. */
const MAX_TEXT = 4_096;
const MAX_ERROR_TEXT = 16_384;
/** Arrays and objects within each other: metadata of a node may have some. */
const MAX_DEPTH = 32;
/** Values besides the names: Envoy's node has some 2,500. */
const MAX_OTHER_VALUES = 20_000;
/** Names of a poll: it is parsed in one go. */
const MAX_NAMES = 20_000;

/**
 * Reads proto3 JSON: a field may be spelt either way, null means absent, and unknown fields are
 * ignored (R15).
 * @param type the type of the path.
 * @throws RpcError INVALID_ARGUMENT; what nests deeply or has too many values is not parsed at all.
 */
export async function readRestRequest(body: Buffer, type: ResourceType, limits: Limits): Promise<RestRequest> {
	const request = await parse(body, limits);
	const typeUrl = text(request, "type_url");
	if (typeUrl !== "" && resourceTypeByUrl(typeUrl) !== type) {
		throw RpcError.invalid(`type_url "${cleanText(typeUrl, { max: MAX_SHOWN })}" where ${type.url} is served`);
	}
	const node = object(request, "node");
	const error = object(request, "error_detail");
	return {
		node: node && readNode(node),
		version: text(request, "version_info"),
		nonce: text(request, "response_nonce"),
		names: readNames(request, limits),
		error: error && {
			code: number(error, "code"),
			message: cleanText(text(error, "message", Number.POSITIVE_INFINITY), { max: MAX_ERROR_TEXT, lines: true }),
		},
	};
}

async function parse(body: Buffer, { names }: Limits): Promise<Json> {
	const { depth, values } = await inSlices(jsonSize(body));
	if (depth > MAX_DEPTH) throw RpcError.invalid(`the body nests ${depth} deep; there is nothing below ${MAX_DEPTH}`);
	const max = Math.min(names, MAX_NAMES) + MAX_OTHER_VALUES;
	if (values > max) throw RpcError.invalid(`the body has ${values} values; there may be ${max}`);
	let value: unknown;
	try {
		value = JSON.parse(body.toString("utf8"));
	} catch (reason) {
		throw RpcError.invalid("the body is not JSON: expected a DiscoveryRequest", reason);
	}
	if (!isObject(value)) throw RpcError.invalid("the body is not a JSON object: expected a DiscoveryRequest");
	return value;
}

function readNode(node: Json): RestNode {
	const version = object(object(node, "user_agent_build_version"), "version");
	const locality = object(node, "locality");
	return {
		id: text(node, "id"),
		cluster: text(node, "cluster"),
		locality: locality && { region: text(locality, "region"), zone: text(locality, "zone") },
		userAgentName: text(node, "user_agent_name"),
		metadata: object(node, "metadata"),
		userAgentVersion: text(node, "user_agent_version") || undefined,
		userAgentBuildVersion: version && {
			version: {
				majorNumber: number(version, "major_number"),
				minorNumber: number(version, "minor_number"),
				patch: number(version, "patch"),
			},
		},
	};
}

function readNames(request: Json, { names: max, nameLength }: Limits): readonly string[] {
	const names = field(request, "resource_names") ?? [];
	if (!Array.isArray(names) || !names.every((name) => typeof name === "string"))
		throw RpcError.invalid("resource_names is not a list of strings");
	if (names.length > max) throw RpcError.invalid(`more than ${max} names, which xds.limits.names allows`);
	const long = names.find((name) => name.length > nameLength || Buffer.byteLength(name) > nameLength);
	if (long !== undefined) {
		const bytes = Buffer.byteLength(long);
		throw RpcError.invalid(`a name of ${bytes} bytes; xds.limits.nameLength allows ${nameLength}`);
	}
	return names;
}

function object(parent: Json | undefined, name: string): Json | undefined {
	const value = parent && field(parent, name);
	if (value !== undefined && !isObject(value)) throw RpcError.invalid(`${name} is not an object`);
	return value;
}

function text(parent: Json, name: string, max = MAX_TEXT): string {
	const value = field(parent, name) ?? "";
	if (typeof value !== "string") throw RpcError.invalid(`${name} is not a string`);
	if (value.length > max)
		throw RpcError.invalid(`a ${name} of ${value.length} characters; there are none above ${max}`);
	return value;
}

function number(parent: Json, name: string): number {
	const value = Number(field(parent, name) ?? 0);
	return Number.isFinite(value) ? value : 0;
}

/** @param name as in the protos. JSON may have `versionInfo` as well as `version_info`. */
function field(parent: Json, name: string): unknown {
	const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
	return parent[camel] ?? parent[name] ?? undefined;
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
