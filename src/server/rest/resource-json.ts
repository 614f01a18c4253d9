import { type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { EncodedResource } from "../../resources/encoded-resource.js";
import { joinFields } from "../../resources/join-fields.js";
import { descriptorRegistry } from "../../resources/overlay/descriptor-registry.js";
import type { ResourceType } from "../../resources/resource-type.js";

/** Each resource is converted once; its JSON is freed with it. */
const made = new WeakMap<EncodedResource, string>();

/** A DiscoveryResponse in proto3 JSON. */
export function responseJson(type: ResourceType, version: string, resources: readonly EncodedResource[]): string {
	const text = JSON.stringify;
	const list = resources.map(resourceJson).join(",");
	return `{"versionInfo":${text(version)},"resources":[${list}],"typeUrl":${text(type.url)},"nonce":${text(version)}}`;
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
