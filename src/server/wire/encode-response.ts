import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ResourceType } from "../../resources/resource-type.js";
import type { ResponseBody } from "../../resources/response-body.js";
import { frameOf } from "./message-frame.js";
import type { Mode } from "./mode.js";
import { writeResourceError } from "./resource-errors.js";
import { entryWithTtl, heartbeatEntry } from "./ttl.js";

/** Field numbers of envoy/service/discovery/v3/discovery.proto. */
const VERSION = 1;
const TYPE_URL = 4;
const NONCE = 5;
const REMOVED = 6;
const RESOURCE_ERRORS = { sotw: 7, delta: 9 } as const;

/**
 * Puts the frame of a response together from resources that are encoded already.
 * @param ttl milliseconds that they are to live (R26); 0 is for ever.
 */
export function encodeResponse(mode: Mode, type: ResourceType, body: ResponseBody, nonce: string, ttl = 0): Buffer {
	const head = new BinaryWriter();
	if (body.version !== "") head.tag(VERSION, WireType.LengthDelimited).string(body.version);
	const tail = new BinaryWriter()
		.tag(TYPE_URL, WireType.LengthDelimited)
		.string(type.url)
		.tag(NONCE, WireType.LengthDelimited)
		.string(nonce);
	for (const name of body.removed) tail.tag(REMOVED, WireType.LengthDelimited).string(name);
	for (const name of body.absent ?? []) writeResourceError(tail, RESOURCE_ERRORS[mode], name);
	const resources = body.resources.map((each) => (ttl > 0 ? entryWithTtl(mode, each, ttl) : each[mode]));
	const heartbeats = (body.heartbeats ?? []).map(({ name, version }) => heartbeatEntry(name, version, ttl));
	return frameOf([head.finish(), ...resources, ...heartbeats, tail.finish()]);
}
