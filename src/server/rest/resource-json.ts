import { type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { EncodedResource } from "../../resources/encoded-resource.js";
import { joinFields } from "../../resources/join-fields.js";
import { descriptorRegistry } from "../../resources/overlay/descriptor-registry.js";
import type { ResourceType } from "../../resources/resource-type.js";

/** Each resource is converted once; its JSON is freed with it. */
const made = new WeakMap<EncodedResource, string>();

/** What a response holds. */
interface Answered {
	readonly version: string;
	readonly resources: readonly EncodedResource[];
}

/** A DiscoveryResponse in proto3 JSON. @param identifier of the control plane; not said unless given. */
export function responseJson(type: ResourceType, { version, resources }: Answered, identifier?: string): string {
	const text = JSON.stringify;
	const list = resources.map(resourceJson).join(",");
	const from = identifier === undefined ? "" : `,"controlPlane":{"identifier":${text(identifier)}}`;
	return `{"versionInfo":${text(version)},"resources":[${list}],"typeUrl":${text(type.url)},"nonce":${text(version)}${from}}`;
}

/** A google.protobuf.Any as proto3 JSON: with the fields of its message, nested ones too. */
function resourceJson(resource: EncodedResource): string {
	let json = made.get(resource);
	if (json === undefined) {
		const any: DescMessage = AnySchema;
		json = JSON.stringify(
			toJson(any, fromBinary(any, joinFields(resource.toAny().fields)), { registry: descriptorRegistry() }),
		);
		made.set(resource, json);
	}
	return json;
}
