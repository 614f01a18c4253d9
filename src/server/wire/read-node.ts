import { Node } from "../../gen/envoy/config/core/v3/base.js";
import { lengthKey, MAX_VARINT, writeVarint } from "../../resources/wire-format.js";
import { RequestReader } from "./request-reader.js";

/** Fields that are looked at. Envoy's node has some 500, of 61 kB. */
const MAX_FIELDS = 8_192;
/** Larger parts are not kept: there may be many clients. Metadata of any service mesh is smaller. */
const MAX_PART = 4_096;
/** Of a node that is larger even without those, only the names are kept. */
const MAX_KEPT = 16_384;
/** Bytes of a name. */
const MAX_NAME = 1_024;

/** Field numbers of envoy.config.core.v3.Node. Not its extensions and listening addresses: nobody needs them. */
const FIELD = {
	id: 1,
	cluster: 2,
	metadata: 3,
	locality: 4,
	userAgent: 6,
	version: 7,
	build: 8,
	features: 10,
} as const;
const NAMES: ReadonlySet<number> = new Set([FIELD.id, FIELD.cluster, FIELD.userAgent]);
const PARTS: ReadonlySet<number> = new Set([FIELD.metadata, FIELD.locality, FIELD.version, FIELD.build]);

/**
 * Reads what is needed of a client's node, and what CSDS shows of it. Its cost and what it keeps are
 * bounded, whatever the node holds.
 * @throws Error if what is needed is no protobuf.
 */
export function readNode(bytes: Uint8Array): Node {
	return isKeptWhole(bytes) ? Node.decode(bytes) : readParts(bytes);
}

/** Whether all of it is kept, as of almost every client but Envoy. */
function isKeptWhole(bytes: Uint8Array): boolean {
	if (bytes.length > MAX_PART) return false;
	const reader = new RequestReader(bytes);
	for (const field of reader.fields(MAX_FIELDS)) {
		const { length } = reader.content();
		const isKept = NAMES.has(field) ? length <= MAX_NAME : PARTS.has(field) || field === FIELD.features;
		if (!isKept) return false;
	}
	return true;
}

function readParts(bytes: Uint8Array): Node {
	const last = new Map<number, Uint8Array>();
	const features: Uint8Array[] = [];
	let kept = 0;
	const reader = new RequestReader(bytes);
	for (const field of reader.fields(MAX_FIELDS)) {
		const content = reader.content();
		if (NAMES.has(field)) last.set(field, content.subarray(0, MAX_NAME));
		else if (content.length > MAX_PART) last.delete(field);
		// Of fields that come once the last one counts.
		else if (PARTS.has(field)) last.set(field, content);
		else if (field === FIELD.features && kept <= MAX_KEPT) {
			kept += content.length + 1;
			features.push(encoded(field, content));
		}
	}
	for (const content of last.values()) kept += content.length + 1;
	if (kept > MAX_KEPT) for (const field of PARTS) last.delete(field);
	const parts = [...last].map(([field, content]) => encoded(field, content));
	return Node.decode(Buffer.concat(kept > MAX_KEPT ? parts : [...parts, ...features]));
}

function encoded(field: number, content: Uint8Array): Uint8Array {
	const head = new Uint8Array(1 + MAX_VARINT);
	head[0] = lengthKey(field);
	return Buffer.concat([head.subarray(0, writeVarint(head, 1, content.length)), content]);
}
