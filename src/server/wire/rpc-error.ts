import { status } from "@grpc/grpc-js";
import type { LimitName, Limits } from "../../model/limits.js";
import { messageOf } from "../../util/errors.js";

/** Characters of a client's text that are shown. */
export const MAX_SHOWN = 256;

/** Why a call ends, as the client is told: a gRPC status. By REST it is an HTTP status. */
export class RpcError extends Error {
	readonly code: status;
	/** For those who read it at the other end. */
	readonly details: string;
	/** The limit that the client is over, if it is that. */
	readonly limit: LimitName | undefined;

	constructor(code: status, details: string, limit?: LimitName, options?: ErrorOptions) {
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

	static allNames(): RpcError {
		const details = "clients ask for as many names as xds.limits.allNames allows, all together or from this address";
		return new RpcError(status.RESOURCE_EXHAUSTED, details, "allNames");
	}

	static streams(): RpcError {
		const details = "there are as many streams as xds.limits.streams allows, in all or from this address";
		return new RpcError(status.RESOURCE_EXHAUSTED, details, "streams");
	}

	/** @param bytes that it has, unless that is not known. */
	static messageBytes(bytes: number | undefined, max: number): RpcError {
		const size = bytes === undefined ? "more bytes" : `${bytes} bytes`;
		const details = `a message of ${size}; xds.limits.messageBytes allows ${max}`;
		return new RpcError(status.RESOURCE_EXHAUSTED, details, "messageBytes");
	}

	/** @param seconds for which the stream waited. */
	static firstRequest(seconds: number): RpcError {
		const details = `no request came within ${seconds} s`;
		return new RpcError(status.DEADLINE_EXCEEDED, details, "firstRequest");
	}

	/** @param seconds for which the stream waited. */
	static messageTime(seconds: number): RpcError {
		const details = `the rest of a message did not come within ${seconds} s`;
		return new RpcError(status.DEADLINE_EXCEEDED, details, "messageTime");
	}

	static nameLength(bytes: number, { nameLength }: Limits): RpcError {
		const details = `a name of ${bytes} bytes; xds.limits.nameLength allows ${nameLength}`;
		return new RpcError(status.INVALID_ARGUMENT, details, "nameLength");
	}

	/** @param details why the client counts as nobody. */
	static unauthenticated(details: string): RpcError {
		return new RpcError(status.UNAUTHENTICATED, details);
	}

	/** @param details what is wrong with the request. */
	static invalid(details: string, cause?: unknown): RpcError {
		return new RpcError(status.INVALID_ARGUMENT, details, undefined, { cause });
	}
}
