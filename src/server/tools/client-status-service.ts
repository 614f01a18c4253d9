import { type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import type { Node } from "../../gen/envoy/config/core/v3/base.js";
import { ClientStatusRequest, ClientStatusResponse } from "../../gen/envoy/service/status/v3/csds.js";
import { MAX_RESPONSE_BYTES } from "../../resources/response-size.js";
import { inSlices, type Steps } from "../../util/steps.js";
import { RpcError } from "../wire/rpc-error.js";
import { type Budget, clientConfig, type StatusSource, type Viewer } from "./client-config.js";
import { answerInTurn, type Caller, type GrpcService, grpcMethod } from "./grpc-service.js";
import { matchingNodes } from "./node-filter.js";

const NAME = "envoy.service.status.v3.ClientStatusDiscoveryService";

type Call = ServerDuplexStream<ClientStatusRequest, ClientStatusResponse>;

/** Who asks, and what it may see. @throws RpcError PERMISSION_DENIED for who may not ask at all. */
export type ViewerOf = (call: Caller, node: Node | undefined) => Viewer;

/**
 * CSDS: what each client subscribes to, was sent, and has accepted or rejected, for grpcdebug and
 * other tools.
 */
export function clientStatusService(streams: () => Iterable<StatusSource>, viewerOf: ViewerOf): GrpcService {
	// In slices: there may be many clients with many names.
	const answer = async (call: Caller, request: ClientStatusRequest) =>
		inSlices(answerTo(request, [...streams()], viewerOf(call, request.node)));
	return {
		name: NAME,
		definition: {
			fetch: method("FetchClientStatus", "none"),
			stream: method("StreamClientStatus", "both"),
		},
		implementation: {
			fetch: (
				call: ServerUnaryCall<ClientStatusRequest, ClientStatusResponse>,
				reply: sendUnaryData<ClientStatusResponse>,
			) => {
				answer(call, call.request).then(
					(response) => reply(null, response),
					(reason: unknown) => reply(RpcError.from(reason)),
				);
			},
			stream: (call: Call) => answerInTurn(call, (request) => answer(call, request)),
		},
	};
}

function method(name: string, stream: "none" | "both") {
	return grpcMethod(`/${NAME}/${name}`, ClientStatusRequest, ClientStatusResponse, stream);
}

/**
 * An answer is no larger than what every gRPC client receives (R37). If the contents do not fit
 * they are left out.
 * @throws RpcError RESOURCE_EXHAUSTED if the rest does not fit either: the client has to ask for
 *   fewer nodes.
 */
function* answerTo(
	request: ClientStatusRequest,
	streams: readonly StatusSource[],
	viewer: Viewer,
): Steps<ClientStatusResponse> {
	const { nodeMatchers, excludeResourceContents } = request;
	const known = streams.filter(({ node }) => node !== undefined);
	const ids = yield* matchingNodes(nodeMatchers, new Set(known.map(({ node }) => node?.id ?? "")));
	const wanted = known.filter(({ node }) => ids.has(node?.id ?? ""));
	const response =
		(!excludeResourceContents && (yield* responseFor(wanted, viewer, true))) ||
		(yield* responseFor(wanted, viewer, false));
	if (response) return response;
	const details = `the status of ${wanted.length} clients is more than 4 MiB: ask for some of them by node_matchers`;
	throw new RpcError(status.RESOURCE_EXHAUSTED, details);
}

function* responseFor(
	streams: readonly StatusSource[],
	viewer: Viewer,
	contents: boolean,
): Steps<ClientStatusResponse | undefined> {
	const budget: Budget = { left: MAX_RESPONSE_BYTES };
	const response: ClientStatusResponse = { config: [] };
	for (const stream of streams) {
		const config = yield* clientConfig(stream, viewer, contents, budget);
		if (config === "too large") return undefined;
		if (config) response.config.push(config);
	}
	return response;
}
