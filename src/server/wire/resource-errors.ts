import { status } from "@grpc/grpc-js";
import { Status } from "../../gen/google/rpc/status.js";
import { RESOURCE_ERROR, RESOURCE_NAME } from "../../resources/discovery-fields.js";
import { Message } from "../../resources/join-fields.js";
import type { Mode } from "./mode.js";

/** For those whose call fails. Clients add the name of the resource. */
const MESSAGE = "Fingerpost has no service of this name";
const REFUSAL = "no rule of xds.access lets this client see it";

const DETAIL = detail(status.NOT_FOUND, MESSAGE);
const REFUSED = detail(status.PERMISSION_DENIED, REFUSAL);

/** Bytes of an error without its name. */
const OVERHEAD = Math.max(MESSAGE.length, REFUSAL.length) + 24;

/** Tag and length before a name in `removed_resources`. */
const NAME_OVERHEAD = 6;

/** @returns at most how many bytes it takes to say that there is nothing of the name. */
export function removalBytes(mode: Mode, name: string): number {
	const error = Buffer.byteLength(name) + OVERHEAD;
	return mode === "delta" ? Buffer.byteLength(name) + NAME_OVERHEAD + error : error;
}

/** The `ResourceError` that says that there is nothing of the name, or that it is not for the client (R38). */
export function resourceError(name: string, isRefused = false): Message {
	return new Message([
		[RESOURCE_ERROR.name, new Message([[RESOURCE_NAME.name, name]])],
		[RESOURCE_ERROR.detail, isRefused ? REFUSED : DETAIL],
	]);
}

function detail(code: status, message: string): Uint8Array {
	return Status.encode(Status.fromPartial({ code, message })).finish();
}
