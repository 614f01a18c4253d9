import type { Node } from "../../../gen/envoy/config/core/v3/base.js";
import { areSteps, type MaybeSteps, type Steps } from "../../../util/steps.js";
import { type RequestError, readError } from "../read-error.js";
import { readNode } from "../read-node.js";
import { PAUSE, RequestReader } from "../request-reader.js";

/** Fields that are read in one step. */
const FIELDS_A_STEP = 512;

/** Takes the fields of a request, one after the other. */
export interface RequestFields<Request extends object> {
	/**
	 * @param reader is behind the field's tag, and afterwards behind the field.
	 * @returns whether it was a large one: others get their turn after it.
	 */
	take(field: number, reader: RequestReader): boolean;
	/** All that was read. */
	request(): MaybeSteps<Request>;
}

/** What both variants have. Of fields that come once the last one counts, so it alone is decoded. */
export class CommonFields {
	readonly #wantNode: boolean;
	protected typeUrl = "";
	protected nonce = "";
	protected lastNode: Uint8Array | undefined;
	protected lastError: Uint8Array | undefined;

	constructor(wantNode: boolean) {
		this.#wantNode = wantNode;
	}

	protected get node(): Node | undefined {
		return this.#wantNode && this.lastNode ? readNode(this.lastNode) : undefined;
	}

	protected get error(): RequestError | undefined {
		return this.lastError && readError(this.lastError);
	}
}

/**
 * Reads a request, a large one in steps: it may have hundreds of thousands of fields.
 * @throws RangeError if the bytes are no protobuf message; unknown fields are ignored (R15).
 *   RpcError if the request is over a limit: it is not read to its end.
 */
export function readFields<Request extends object>(
	bytes: Uint8Array,
	fields: RequestFields<Request>,
): MaybeSteps<Request> {
	const reader = new RequestReader(bytes);
	return readSome(reader, fields) ? fields.request() : readRest(reader, fields);
}

function* readRest<Request extends object>(reader: RequestReader, fields: RequestFields<Request>): Steps<Request> {
	do yield;
	while (!readSome(reader, fields));
	const request = fields.request();
	return areSteps(request) ? yield* request : request;
}

/** @returns whether that was all. */
function readSome(reader: RequestReader, fields: RequestFields<object>): boolean {
	for (let left = FIELDS_A_STEP; left > 0; left--) {
		const field = reader.field();
		if (field === 0) return true;
		if (field === PAUSE || fields.take(field, reader)) return false;
	}
	return false;
}
