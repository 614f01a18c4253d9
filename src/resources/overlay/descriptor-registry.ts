import { gunzipSync } from "node:zlib";
import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { DESCRIPTORS } from "../../gen/descriptors.js";

let registry: FileRegistry | undefined;

/**
 * The descriptors of all services and messages on the port. They take a tenth of a second to
 * decode: import this file only when they are needed.
 */
export function descriptorRegistry(): FileRegistry {
	registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, gunzipSync(Buffer.from(DESCRIPTORS, "base64"))));
	return registry;
}
