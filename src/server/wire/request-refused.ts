import { status } from "@grpc/grpc-js";
import type { Limits } from "../../model/limits.js";

/** A request that ends its stream. */
export class RequestRefused extends Error {
	readonly code: status;
	/** The limit that it is over, if it is that. */
	readonly limit: keyof Limits | undefined;

	constructor(code: status, message: string, limit?: keyof Limits) {
		super(message);
		this.name = "RequestRefused";
		this.code = code;
		this.limit = limit;
	}

	static names({ names }: Limits): RequestRefused {
		const message = `more than ${names} names of a type, which xds.limits.names allows`;
		return new RequestRefused(status.RESOURCE_EXHAUSTED, message, "names");
	}

	static streams({ streams }: Limits): RequestRefused {
		const message = `there are ${streams} streams already, which xds.limits.streams allows`;
		return new RequestRefused(status.RESOURCE_EXHAUSTED, message, "streams");
	}

	static nameLength(bytes: number, { nameLength }: Limits): RequestRefused {
		const message = `a name of ${bytes} bytes; xds.limits.nameLength allows ${nameLength}`;
		return new RequestRefused(status.INVALID_ARGUMENT, message, "nameLength");
	}

	/** @param what is wrong with the request. */
	static invalid(what: string): RequestRefused {
		return new RequestRefused(status.INVALID_ARGUMENT, what);
	}
}
