import { status } from "@grpc/grpc-js";
import type { RpcError } from "../wire/rpc-error.js";

interface HttpError {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP status of each gRPC code that a poll can end with. */
const BY_CODE: Readonly<Partial<Record<status, HttpError>>> = {
	[status.INVALID_ARGUMENT]: { status: 400 },
	[status.UNAUTHENTICATED]: { status: 401, headers: { "www-authenticate": "Bearer" } },
	[status.PERMISSION_DENIED]: { status: 403 },
	[status.NOT_FOUND]: { status: 404 },
	[status.UNIMPLEMENTED]: { status: 405, headers: { allow: "POST" } },
	[status.RESOURCE_EXHAUSTED]: { status: 413 },
	[status.UNAVAILABLE]: { status: 503, headers: { "retry-after": "1" } },
};

export function httpError({ code }: RpcError): HttpError {
	return BY_CODE[code] ?? { status: 500 };
}
