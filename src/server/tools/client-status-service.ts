import { type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { ClientStatusRequest, ClientStatusResponse } from "../../gen/envoy/service/status/v3/csds.js";
import { MAX_RESPONSE_BYTES } from "../../resources/response-size.js";
import { inSlices, type Steps } from "../../util/steps.js";
import { RpcError } from "../wire/rpc-error.js";
import { type Budget, clientConfig, type StatusSource } from "./client-config.js";
import { answerInTurn, type GrpcService, grpcMethod } from "./grpc-service.js";
import { matchingNodes } from "./node-filter.js";

const NAME = "envoy.service.status.v3.ClientStatusDiscoveryService";

type Call = ServerDuplexStream<ClientStatusRequest, ClientStatusResponse>;

/**
 * CSDS: what each client subscribes to, was sent, and has accepted or rejected, for grpcdebug and
 * other tools.
 */
export function clientStatusService(streams: () => Iterable<StatusSource>): GrpcService {
	// In slices: there may be many clients with many names.
	const answer = (request: ClientStatusRequest) => inSlices(answerTo(request, [...streams()]));
	return {
		name: NAME,
		definition: {
			fetch: method("FetchClientStatus", "none"),
			stream: method("StreamClientStatus", "both"),
		},
		implementation: {
			fetch: (
				{ request }: ServerUnaryCall<ClientStatusRequest, ClientStatusResponse>,
				reply: sendUnaryData<ClientStatusResponse>,
			) => {
				answer(request).then(
					(response) => reply(null, response),
					(reason: unknown) => reply(RpcError.from(reason)),
				);
			},
			stream: (call: Call) => answerInTurn(call, answer),
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
function* answerTo(request: ClientStatusRequest, streams: readonly StatusSource[]): Steps<ClientStatusResponse> {
	const { nodeMatchers, excludeResourceContents } = request;
	const known = streams.filter(({ node }) => node !== undefined);
	const ids = yield* matchingNodes(nodeMatchers, new Set(known.map(({ node }) => node?.id ?? "")));
	const wanted = known.filter(({ node }) => ids.has(node?.id ?? ""));
	const response =
		(!excludeResourceContents && (yield* responseFor(wanted, true))) || (yield* responseFor(wanted, false));
	if (response) return response;
	const details = `the status of ${wanted.length} clients is more than 4 MiB: ask for some of them by node_matchers`;
	throw new RpcError(status.RESOURCE_EXHAUSTED, details);
}

function* responseFor(streams: readonly StatusSource[], contents: boolean): Steps<ClientStatusResponse | undefined> {
	const budget: Budget = { left: MAX_RESPONSE_BYTES };
	const response: ClientStatusResponse = { config: [] };
	for (const stream of streams) {
		const config = yield* clientConfig(stream, contents, budget);
		if (!config) return undefined;
		response.config.push(config);
	}
	return response;
}
