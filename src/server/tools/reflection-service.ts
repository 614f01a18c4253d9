import type { DescFile } from "@bufbuild/protobuf";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { ServerReflectionRequest, ServerReflectionResponse } from "../../gen/grpc/reflection/v1/reflection.js";
import type { DescriptorIndex } from "./descriptor-index.js";
import { answerInTurn, type Caller, type GrpcService, grpcMethod } from "./grpc-service.js";

type Call = ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;
type Answer = Partial<ServerReflectionResponse>;

/** Tools such as grpcurl ask for either; both are the same but for the name. */
export const REFLECTION_SERVICES = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

let index: Promise<DescriptorIndex> | undefined;

/**
 * @param services the names of all services of the server.
 * @param check throws RpcError PERMISSION_DENIED for who may not ask.
 */
export function reflectionServices(services: readonly string[], check: (call: Caller) => void): GrpcService[] {
	return REFLECTION_SERVICES.map((name) => {
		const path = `/${name}/ServerReflectionInfo`;
		return {
			name,
			definition: { info: grpcMethod(path, ServerReflectionRequest, ServerReflectionResponse, "both") },
			implementation: { info: (call: Call) => serve(call, services, check) },
		};
	});
}

function serve(call: Call, services: readonly string[], check: (call: Caller) => void): void {
	const sent = new Set<DescFile>();
	answerInTurn<ServerReflectionRequest, ServerReflectionResponse>(call, async (request) => {
		check(call);
		index ??= import("./descriptor-index.js").then(({ DescriptorIndex }) => new DescriptorIndex());
		const answer = answerTo(request, await index, services, sent);
		return { ...ServerReflectionResponse.create(), validHost: request.host, originalRequest: request, ...answer };
	});
}

function answerTo(
	request: ServerReflectionRequest,
	definitions: DescriptorIndex,
	services: readonly string[],
	sent: Set<DescFile>,
): Answer {
	const { listServices, fileByFilename, fileContainingSymbol, fileContainingExtension } = request;
	const message = request.allExtensionNumbersOfType;
	const files = (file: DescFile | undefined, what: string): Answer =>
		file ? { fileDescriptorResponse: { fileDescriptorProto: definitions.withImports(file, sent) } } : notFound(what);
	if (listServices !== undefined) return { listServicesResponse: { service: services.map((name) => ({ name })) } };
	if (fileByFilename !== undefined) return files(definitions.file(fileByFilename), `file "${fileByFilename}"`);
	if (fileContainingSymbol !== undefined)
		return files(definitions.fileOf(fileContainingSymbol), `symbol "${fileContainingSymbol}"`);
	if (fileContainingExtension !== undefined) {
		const { containingType, extensionNumber } = fileContainingExtension;
		const file = definitions.fileOfExtension(containingType, extensionNumber);
		return files(file, `extension ${extensionNumber} of "${containingType}"`);
	}
	if (message !== undefined) {
		const extensionNumber = definitions.extensionNumbers(message);
		if (!extensionNumber) return notFound(`message "${message}"`);
		return { allExtensionNumbersResponse: { baseTypeName: message, extensionNumber } };
	}
	return { errorResponse: { errorCode: status.INVALID_ARGUMENT, errorMessage: "the request asks for nothing" } };
}

function notFound(what: string): Answer {
	return { errorResponse: { errorCode: status.NOT_FOUND, errorMessage: `there is no ${what} here` } };
}
