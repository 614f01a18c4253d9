import { Node } from "../../gen/envoy/config/core/v3/base.js";
import { Status } from "../../gen/google/rpc/status.js";
import { DEFAULT_LIMITS, type Limits } from "../../model/limits.js";
import { DELTA_REQUEST, MAP_ENTRY, SOTW_REQUEST } from "../../resources/discovery-fields.js";
import { cleanText } from "../../util/text/clean-text.js";
import { InternedNames } from "./interned-names.js";
import { LastNames } from "./last-names.js";
import { RequestReader } from "./request-reader.js";
import { RpcError } from "./rpc-error.js";

export interface RequestError {
	readonly code: number;
	readonly message: string;
}

/** What both variants say. */
export interface DiscoveryRequest {
	/** Decoded only on request: by default Envoy sends 61 kB of it with every request. */
	readonly node: Node | undefined;
	/** Size of the node in the request, if it was decoded. */
	readonly nodeBytes: number;
	readonly typeUrl: string;
	readonly nonce: string;
	/** Present exactly in a NACK (R5). */
	readonly error: RequestError | undefined;
}

/** A SotW DiscoveryRequest. */
export interface SotwRequest extends DiscoveryRequest {
	readonly version: string;
	readonly names: readonly string[];
}

/** A DeltaDiscoveryRequest. */
export interface DeltaRequest extends DiscoveryRequest {
	readonly subscribe: readonly string[];
	readonly unsubscribe: readonly string[];
	readonly initialVersions: ReadonlyMap<string, string>;
}

const NO_NAMES: readonly string[] = [];
const NO_VERSIONS: ReadonlyMap<string, string> = new Map();

/** Characters of a client's error text that are kept. */
const MAX_ERROR_TEXT = 16_384;

/**
 * @param last the names of the request before: if they are the same again, the list is the same
 *   object.
 * @throws RangeError if the bytes are no protobuf message; unknown fields are ignored (R15).
 *   RpcError if the request is over a limit: it is not read to its end.
 */
export function decodeSotwRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	last = new LastNames(),
	limits: Limits = DEFAULT_LIMITS,
): SotwRequest {
	const request = { ...emptyRequest(), version: "" };
	const lists: (readonly string[])[] = [];
	let count = 0;
	const reader = new RequestReader(bytes);
	for (let field = reader.field(); field !== 0; field = reader.field()) {
		if (field === SOTW_REQUEST.version) request.version = reader.text("a version");
		else if (field === SOTW_REQUEST.names) {
			const names = last.read(reader, limits, count);
			lists.push(names);
			count += names.length;
		} else if (field === SOTW_REQUEST.typeUrl) request.typeUrl = reader.typeUrl();
		else if (field === SOTW_REQUEST.nonce) request.nonce = reader.text("a nonce");
		else if (field === SOTW_REQUEST.error) request.error = decodeError(reader);
		else if (field === SOTW_REQUEST.node && wantNode) readNode(request, reader);
		else reader.pass();
	}
	return { ...request, names: lists.length === 1 ? (lists[0] as readonly string[]) : lists.flat() };
}

/**
 * @param interned names that other streams asked for.
 * @throws RangeError if the bytes are no protobuf message; unknown fields are ignored (R15).
 *   RpcError if the request is over a limit: it is not read to its end.
 */
export function decodeDeltaRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	limits: Limits = DEFAULT_LIMITS,
	interned = new InternedNames(),
): DeltaRequest {
	// Almost all requests are ACKs and have none of these.
	let subscribe = NO_NAMES;
	let unsubscribe: string[] | undefined;
	let initialVersions: Map<string, string> | undefined;
	const request = emptyRequest();
	const reader = new RequestReader(bytes);
	for (let field = reader.field(); field !== 0; field = reader.field()) {
		if (field === DELTA_REQUEST.subscribe) {
			const { names } = interned.read(reader, limits, subscribe.length);
			subscribe = subscribe.length === 0 ? names : [...subscribe, ...names];
		} else if (field === DELTA_REQUEST.unsubscribe) {
			unsubscribe ??= [];
			if (unsubscribe.length >= limits.names) throw RpcError.names(limits);
			unsubscribe.push(reader.name(limits));
		} else if (field === DELTA_REQUEST.initialVersions) {
			initialVersions ??= new Map();
			readEntry(initialVersions, reader.message(), limits);
			if (initialVersions.size > limits.names) throw RpcError.names(limits);
		} else if (field === DELTA_REQUEST.typeUrl) request.typeUrl = reader.typeUrl();
		else if (field === DELTA_REQUEST.nonce) request.nonce = reader.text("a nonce");
		else if (field === DELTA_REQUEST.error) request.error = decodeError(reader);
		else if (field === DELTA_REQUEST.node && wantNode) readNode(request, reader);
		else reader.pass();
	}
	const { node, nodeBytes, typeUrl, nonce, error } = request;
	return {
		node,
		nodeBytes,
		typeUrl,
		nonce,
		error,
		subscribe,
		unsubscribe: unsubscribe ?? NO_NAMES,
		initialVersions: initialVersions ?? NO_VERSIONS,
	};
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function emptyRequest(): Mutable<DiscoveryRequest> {
	return { node: undefined, nodeBytes: 0, typeUrl: "", nonce: "", error: undefined };
}

function readNode(request: Mutable<DiscoveryRequest>, reader: RequestReader): void {
	const content = reader.content();
	request.nodeBytes = content.length;
	request.node = Node.decode(content);
}

/** The text goes to logs and terminals, so it is cleaned. */
function decodeError(reader: RequestReader): RequestError {
	const { code, message } = Status.decode(reader.content());
	return { code, message: cleanText(message, { max: MAX_ERROR_TEXT, lines: true }) };
}

/** Reads an entry of a `map<string, string>`. */
function readEntry(versions: Map<string, string>, reader: RequestReader, limits: Limits): void {
	let key = "";
	let value = "";
	for (let field = reader.field(); field !== 0; field = reader.field()) {
		if (field === MAP_ENTRY.key) key = reader.name(limits);
		else if (field === MAP_ENTRY.value) value = reader.text("a version");
		else reader.pass();
	}
	versions.set(key, value);
}
