import type { Node } from "../../gen/envoy/config/core/v3/base.js";
import { DEFAULT_LIMITS, type Limits } from "../../model/limits.js";
import { DELTA_REQUEST, MAP_ENTRY, SOTW_REQUEST } from "../../resources/discovery-fields.js";
import type { Steps } from "../../util/steps.js";
import { InternedNames, type NameList } from "./interned-names.js";
import { LastNames } from "./last-names.js";
import { type RequestError, readError } from "./read-error.js";
import { readNode } from "./read-node.js";
import { PAUSE, RequestReader } from "./request-reader.js";
import { RpcError } from "./rpc-error.js";

/** What both variants say. */
export interface DiscoveryRequest {
	/** Read only on request: by default Envoy sends 61 kB of it with every request. */
	readonly node: Node | undefined;
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

/** Fields that are read in one step. */
const FIELDS_A_STEP = 512;
/** Fields of a map's entry that are looked at: it has two. */
const MAX_IN_ENTRY = 16;

/**
 * Reads in steps: a request may have hundreds of thousands of fields.
 * @param last the names of the request before: if they are the same again, the list is the same
 *   object.
 * @throws RangeError if the bytes are no protobuf message; unknown fields are ignored (R15).
 *   RpcError if the request is over a limit: it is not read to its end.
 */
export function* decodeSotwRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	last = new LastNames(),
	limits: Limits = DEFAULT_LIMITS,
): Steps<SotwRequest> {
	const common = new CommonFields(wantNode);
	let version = "";
	const lists: NameList[] = [];
	let count = 0;
	let left = FIELDS_A_STEP;
	const reader = new RequestReader(bytes);
	for (let field = reader.field(); field !== 0; field = reader.field()) {
		if (field === SOTW_REQUEST.version) version = reader.text("a version");
		else if (field === SOTW_REQUEST.names) {
			const list = (count === 0 && last.match(reader)) || last.interned.read(reader, limits, count);
			lists.push(list);
			count += list.names.length;
			if (list.isPart) left = 1;
		} else if (field === SOTW_REQUEST.typeUrl) common.typeUrl = reader.typeUrl();
		else if (field === SOTW_REQUEST.nonce) common.nonce = reader.text("a nonce");
		else if (field === SOTW_REQUEST.error) common.lastError = reader.content();
		else if (field === SOTW_REQUEST.node) common.lastNode = reader.content();
		else if (field === PAUSE) left = 1;
		else reader.pass();
		if (--left > 0) continue;
		left = FIELDS_A_STEP;
		yield;
	}
	const list = lists.length > 0 ? yield* last.interned.join(lists) : undefined;
	if (list) last.remember(list);
	return { ...common.read(), version, names: list?.names ?? NO_NAMES };
}

/**
 * Reads in steps: a client that reconnects brings along all that it has.
 * @param interned names that other streams asked for.
 * @throws RangeError if the bytes are no protobuf message; unknown fields are ignored (R15).
 *   RpcError if the request is over a limit: it is not read to its end.
 */
export function* decodeDeltaRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	limits: Limits = DEFAULT_LIMITS,
	interned = new InternedNames(),
): Steps<DeltaRequest> {
	const common = new CommonFields(wantNode);
	// Almost all requests are ACKs and have none of these.
	let lists: NameList[] | undefined;
	let unsubscribe: string[] | undefined;
	let initialVersions: Map<string, string> | undefined;
	let [subscribed, versions] = [0, 0];
	let left = FIELDS_A_STEP;
	const reader = new RequestReader(bytes);
	for (let field = reader.field(); field !== 0; field = reader.field()) {
		if (field === DELTA_REQUEST.subscribe) {
			const list = interned.read(reader, limits, subscribed);
			lists ??= [];
			lists.push(list);
			subscribed += list.names.length;
			if (list.isPart) left = 1;
		} else if (field === DELTA_REQUEST.unsubscribe) {
			unsubscribe ??= [];
			if (unsubscribe.length >= limits.names) throw RpcError.names(limits);
			unsubscribe.push(reader.name(limits));
		} else if (field === DELTA_REQUEST.initialVersions) {
			// Entries, not names: one may come again and again.
			if (++versions > limits.names) throw RpcError.names(limits);
			initialVersions ??= new Map();
			readEntry(initialVersions, reader.message(), limits);
		} else if (field === DELTA_REQUEST.typeUrl) common.typeUrl = reader.typeUrl();
		else if (field === DELTA_REQUEST.nonce) common.nonce = reader.text("a nonce");
		else if (field === DELTA_REQUEST.error) common.lastError = reader.content();
		else if (field === DELTA_REQUEST.node) common.lastNode = reader.content();
		else if (field === PAUSE) left = 1;
		else reader.pass();
		if (--left > 0) continue;
		left = FIELDS_A_STEP;
		yield;
	}
	const { node, typeUrl, nonce, error } = common.read();
	return {
		node,
		typeUrl,
		nonce,
		error,
		subscribe: lists ? (yield* interned.join(lists)).names : NO_NAMES,
		unsubscribe: unsubscribe ?? NO_NAMES,
		initialVersions: initialVersions ?? NO_VERSIONS,
	};
}

/** What both variants have. Of fields that come once the last one counts, so it alone is decoded. */
class CommonFields {
	readonly #wantNode: boolean;
	typeUrl = "";
	nonce = "";
	lastNode: Uint8Array | undefined;
	lastError: Uint8Array | undefined;

	constructor(wantNode: boolean) {
		this.#wantNode = wantNode;
	}

	read(): DiscoveryRequest {
		const { typeUrl, nonce, lastNode, lastError } = this;
		return {
			node: this.#wantNode && lastNode ? readNode(lastNode) : undefined,
			typeUrl,
			nonce,
			error: lastError && readError(lastError),
		};
	}
}

/** Reads an entry of a `map<string, string>`. */
function readEntry(versions: Map<string, string>, reader: RequestReader, limits: Limits): void {
	let [key, value] = ["", ""];
	for (const field of reader.fields(MAX_IN_ENTRY)) {
		if (field === MAP_ENTRY.key) key = reader.name(limits);
		else if (field === MAP_ENTRY.value) value = reader.text("a version");
		else reader.pass();
	}
	versions.set(key, value);
}
