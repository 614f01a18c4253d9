import type { Scope } from "../../cache/scope.js";
import { RESOURCE_ERRORS, RESPONSE } from "../../resources/discovery-fields.js";
import { type Field, joinFields } from "../../resources/join-fields.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { ResponseBody } from "../../resources/response-body.js";
import { frameOf } from "./message-frame.js";
import type { Mode } from "./mode.js";
import { resourceError } from "./resource-errors.js";
import { entryWithTtl, heartbeatEntry } from "./ttl.js";

/** What a response is about. */
export interface ResponseSource {
	readonly type: ResourceType;
	/** What the client may see. */
	readonly scope: Scope;
}

/**
 * Concatenates a response from resources that are encoded already, with the prefix of a gRPC
 * message.
 * @param ttl time to live of the resources in milliseconds (R26); 0 is for ever.
 */
export function encodeResponse(mode: Mode, of: ResponseSource, body: ResponseBody, nonce: string, ttl = 0): Buffer {
	const head: Field[] = [];
	if (body.version !== "") head.push([RESPONSE.version, body.version]);
	const tail: Field[] = [
		[RESPONSE.typeUrl, of.type.url],
		[RESPONSE.nonce, nonce],
	];
	for (const name of body.removed) tail.push([RESPONSE.removed, name]);
	for (const name of body.absent ?? [])
		tail.push([RESOURCE_ERRORS[mode], resourceError(name, of.scope.tells && !of.scope.allows(name))]);
	const resources = body.resources.map((each) => (ttl > 0 ? entryWithTtl(mode, each, ttl) : each[mode]));
	const heartbeats = (body.heartbeats ?? []).map(({ name, version }) => heartbeatEntry(name, version, ttl));
	return frameOf([joinFields(head), ...resources, ...heartbeats, joinFields(tail)]);
}
