import type { Scope } from "../../cache/scope.js";
import {
	CONTROL_PLANE,
	CONTROL_PLANE_IDENTIFIER,
	RESOURCE_ERRORS,
	RESPONSE,
} from "../../resources/discovery-fields.js";
import { type Field, joinFields, Message } from "../../resources/join-fields.js";
import type { ResourceType } from "../../resources/resource-type.js";
import type { ResponseBody } from "../../resources/response-body.js";
import { frameOf } from "./message-frame.js";
import type { Mode } from "./mode.js";
import { resourceError } from "./resource-errors.js";
import { entryWithTtl, heartbeatEntry } from "./ttl.js";

/** The field of a response that says which replica sent it, by the variant. */
export type ControlPlaneFields = Readonly<Record<Mode, Field>>;

/** @param identifier the same in every response of a process, so that streams still share responses. */
export function controlPlaneFields(identifier: string): ControlPlaneFields {
	const message = new Message([[CONTROL_PLANE_IDENTIFIER, identifier]]);
	return { sotw: [CONTROL_PLANE.sotw, message], delta: [CONTROL_PLANE.delta, message] };
}

/** What a response says beside its body. */
export interface ResponseExtras {
	/** Time to live of the resources in milliseconds (R26); 0, the default, is for ever. */
	readonly ttl?: number;
	/** Who sends it; nothing is said unless given. */
	readonly controlPlane?: ControlPlaneFields | undefined;
}

/** What a response is about. */
export interface ResponseSource {
	readonly type: ResourceType;
	/** What the client may see. */
	readonly scope: Scope;
}

/**
 * Concatenates a response from resources that are encoded already, with the prefix of a gRPC
 * message.
 */
export function encodeResponse(
	mode: Mode,
	of: ResponseSource,
	body: ResponseBody,
	nonce: string,
	{ ttl = 0, controlPlane }: ResponseExtras = {},
): Buffer {
	const head: Field[] = [];
	if (body.version !== "") head.push([RESPONSE.version, body.version]);
	const tail: Field[] = [
		[RESPONSE.typeUrl, of.type.url],
		[RESPONSE.nonce, nonce],
	];
	if (controlPlane) tail.push(controlPlane[mode]);
	for (const name of body.removed) tail.push([RESPONSE.removed, name]);
	for (const name of body.absent ?? [])
		tail.push([RESOURCE_ERRORS[mode], resourceError(name, of.scope.tells && !of.scope.allows(name))]);
	const resources = body.resources.map((each) => (ttl > 0 ? entryWithTtl(mode, each, ttl) : each[mode]));
	const heartbeats = (body.heartbeats ?? []).map(({ name, version }) => heartbeatEntry(name, version, ttl));
	return frameOf([joinFields(head), ...resources, ...heartbeats, joinFields(tail)]);
}
