import { DEFAULT_LIMITS, type Limits } from "../../../model/limits.js";
import { DELTA_REQUEST, MAP_ENTRY } from "../../../resources/discovery-fields.js";
import { areSteps, type MaybeSteps, type Steps } from "../../../util/steps.js";
import type { DeltaRequest } from "../discovery-request.js";
import { InternedNames, type NameList } from "../interned-names.js";
import type { RequestReader } from "../request-reader.js";
import { RpcError } from "../rpc-error.js";
import { CommonFields, type RequestFields, readFields } from "./request-fields.js";

const NO_NAMES: readonly string[] = [];
const NO_VERSIONS: ReadonlyMap<string, string> = new Map();

/** Fields of a map's entry that are looked at: it has two. */
const MAX_IN_ENTRY = 16;

/**
 * @param interned names that other streams asked for.
 * @throws as readFields()
 */
export function decodeDeltaRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	limits: Limits = DEFAULT_LIMITS,
	interned = new InternedNames(),
): MaybeSteps<DeltaRequest> {
	return readFields(bytes, new DeltaFields(wantNode, interned, limits));
}

class DeltaFields extends CommonFields implements RequestFields<DeltaRequest> {
	readonly #interned: InternedNames;
	readonly #limits: Limits;
	// Almost all requests are ACKs and have none of these.
	#lists: NameList[] | undefined;
	#unsubscribe: string[] | undefined;
	#initialVersions: Map<string, string> | undefined;
	/** Names in the lists. */
	#count = 0;
	/** Entries of the initial versions, not their names: one may come again and again. */
	#entries = 0;

	constructor(wantNode: boolean, interned: InternedNames, limits: Limits) {
		super(wantNode);
		this.#interned = interned;
		this.#limits = limits;
	}

	take(field: number, reader: RequestReader): boolean {
		if (field === DELTA_REQUEST.subscribe) return this.#takeNames(reader);
		if (field === DELTA_REQUEST.unsubscribe) this.#takeUnsubscribed(reader);
		else if (field === DELTA_REQUEST.initialVersions) this.#takeVersion(reader);
		else if (field === DELTA_REQUEST.typeUrl) this.typeUrl = reader.typeUrl();
		else if (field === DELTA_REQUEST.nonce) this.nonce = reader.text("a nonce");
		else if (field === DELTA_REQUEST.error) this.lastError = reader.content();
		else if (field === DELTA_REQUEST.node) this.lastNode = reader.content();
		else reader.pass();
		return false;
	}

	request(): MaybeSteps<DeltaRequest> {
		if (!this.#lists) return this.#with(NO_NAMES);
		const list = this.#interned.join(this.#lists);
		return areSteps(list) ? this.#joined(list) : this.#with(list.names);
	}

	#takeNames(reader: RequestReader): boolean {
		const list = this.#interned.read(reader, this.#limits, this.#count);
		this.#lists ??= [];
		this.#lists.push(list);
		this.#count += list.names.length;
		return list.isPart;
	}

	#takeUnsubscribed(reader: RequestReader): void {
		this.#unsubscribe ??= [];
		if (this.#unsubscribe.length >= this.#limits.names) throw RpcError.names(this.#limits);
		this.#unsubscribe.push(reader.name(this.#limits));
	}

	#takeVersion(reader: RequestReader): void {
		if (++this.#entries > this.#limits.names) throw RpcError.names(this.#limits);
		this.#initialVersions ??= new Map();
		readEntry(this.#initialVersions, reader.message(), this.#limits);
	}

	*#joined(list: Steps<NameList>): Steps<DeltaRequest> {
		return this.#with((yield* list).names);
	}

	#with(subscribe: readonly string[]): DeltaRequest {
		const { node, typeUrl, nonce, error } = this;
		const unsubscribe = this.#unsubscribe ?? NO_NAMES;
		const initialVersions = this.#initialVersions ?? NO_VERSIONS;
		return { node, typeUrl, nonce, error, subscribe, unsubscribe, initialVersions };
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
