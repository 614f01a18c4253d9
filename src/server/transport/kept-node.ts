import { Node } from "../../gen/envoy/config/core/v3/base.js";
import { Struct } from "../../gen/google/protobuf/struct.js";

/** Larger metadata is not kept: there may be many clients. */
const MAX_METADATA_BYTES = 4_096;
/** Of a node that is larger even without metadata, only the names are kept. */
const MAX_BYTES = 16_384;
const MAX_NAME = 1_024;

/**
 * What is kept of a client's node for CSDS: not Envoy's 60 kB of extensions.
 * @param bytes size of the node in the request.
 */
export function keptNode(node: Node, bytes: number): Node {
	const { metadata } = node;
	if (bytes <= MAX_METADATA_BYTES) return { ...node, extensions: [], listeningAddresses: [] };
	const small = metadata && Struct.encode(Struct.wrap(metadata)).finish().byteLength <= MAX_METADATA_BYTES;
	const kept = { ...node, extensions: [], listeningAddresses: [], metadata: small ? metadata : undefined };
	if (Node.encode(kept).finish().byteLength <= MAX_BYTES) return kept;
	const [id = "", cluster = "", userAgentName = ""] = [node.id, node.cluster, node.userAgentName].map((name) =>
		name.slice(0, MAX_NAME),
	);
	return Node.fromPartial({ id, cluster, userAgentName });
}
