import type { Node } from "../gen/envoy/config/core/v3/base.js";
import { Struct } from "../gen/google/protobuf/struct.js";

/** More metadata than this are not kept: there may be many clients. */
const MAX_METADATA_BYTES = 4_096;

/** What is kept of the node that a client sent, for those who ask who it is: not its 60 kB of extensions. */
export function keptNode(node: Node): Node {
	const { metadata } = node;
	const small = metadata && Struct.encode(Struct.wrap(metadata)).finish().byteLength <= MAX_METADATA_BYTES;
	return { ...node, extensions: [], listeningAddresses: [], metadata: small ? metadata : undefined };
}
