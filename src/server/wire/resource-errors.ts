import { status } from "@grpc/grpc-js";
import { Status } from "../../gen/google/rpc/status.js";
import { RESOURCE_ERROR, RESOURCE_NAME } from "../../resources/discovery-fields.js";
import { Message } from "../../resources/join-fields.js";

/** For the one whose call fails: clients add which resource it is. */
const MESSAGE = "Fingerpost has no service of this name";

const DETAIL = Status.encode(Status.fromPartial({ code: status.NOT_FOUND, message: MESSAGE })).finish();

/** What an error takes besides its name. */
const OVERHEAD = MESSAGE.length + 24;

/** @returns at most how many bytes the error for the name takes in a response. */
export function resourceErrorBytes(name: string): number {
	return Buffer.byteLength(name) + OVERHEAD;
}

/** The `ResourceError` that says that there is nothing of the name (R38). */
export function resourceError(name: string): Message {
	return new Message([
		[RESOURCE_ERROR.name, new Message([[RESOURCE_NAME.name, name]])],
		[RESOURCE_ERROR.detail, DETAIL],
	]);
}
