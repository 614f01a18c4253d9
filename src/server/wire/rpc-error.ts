import { status } from "@grpc/grpc-js";
import type { Limits } from "../../model/limits.js";
import { messageOf } from "../../util/errors.js";

/** Characters of a client's text that are shown. */
export const MAX_SHOWN = 256;

/** Why a call ends, as the client is told: a gRPC status. By REST it is an HTTP status. */
export class RpcError extends Error {
	readonly code: status;
	/** For those who read it at the other end. */
	readonly details: string;
	/** The limit that the client is over, if it is that. */
	readonly limit: keyof Limits | undefined;

	constructor(code: status, details: string, limit?: keyof Limits, options?: ErrorOptions) {
		super(details, options);
		this.name = "RpcError";
		this.code = code;
		this.details = details;
		this.limit = limit;
	}

	static from(reason: unknown): RpcError {
		return reason instanceof RpcError ? reason : new RpcError(status.INTERNAL, messageOf(reason));
	}

	static names({ names }: Limits): RpcError {
		const details = `more than ${names} names of a type, which xds.limits.names allows`;
		return new RpcError(status.RESOURCE_EXHAUSTED, details, "names");
	}

	static streams({ streams }: Limits): RpcError {
		const details = `there are ${streams} streams already, which xds.limits.streams allows`;
		return new RpcError(status.RESOURCE_EXHAUSTED, details, "streams");
	}

	static nameLength(bytes: number, { nameLength }: Limits): RpcError {
		const details = `a name of ${bytes} bytes; xds.limits.nameLength allows ${nameLength}`;
		return new RpcError(status.INVALID_ARGUMENT, details, "nameLength");
	}

	/** @param details what is wrong with the request. */
	static invalid(details: string, cause?: unknown): RpcError {
		return new RpcError(status.INVALID_ARGUMENT, details, undefined, { cause });
	}
}
