import { DEFAULT_LIMITS, type Limits } from "../../../model/limits.js";
import { SOTW_REQUEST } from "../../../resources/discovery-fields.js";
import { areSteps, type MaybeSteps, type Steps } from "../../../util/steps.js";
import type { SotwRequest } from "../discovery-request.js";
import type { NameList } from "../interned-names.js";
import { LastNames } from "../last-names.js";
import type { RequestReader } from "../request-reader.js";
import { CommonFields, type RequestFields, readFields } from "./request-fields.js";

const NO_NAMES: readonly string[] = [];

/**
 * @param last the names of the request before: if they are the same again, the list is the same
 *   object.
 * @throws as readFields()
 */
export function decodeSotwRequest(
	bytes: Uint8Array,
	wantNode: boolean,
	last = new LastNames(),
	limits: Limits = DEFAULT_LIMITS,
): MaybeSteps<SotwRequest> {
	return readFields(bytes, new SotwFields(wantNode, last, limits));
}

class SotwFields extends CommonFields implements RequestFields<SotwRequest> {
	readonly #last: LastNames;
	readonly #limits: Limits;
	readonly #lists: NameList[] = [];
	/** Names in the lists. */
	#count = 0;
	#version = "";

	constructor(wantNode: boolean, last: LastNames, limits: Limits) {
		super(wantNode);
		this.#last = last;
		this.#limits = limits;
	}

	take(field: number, reader: RequestReader): boolean {
		if (field === SOTW_REQUEST.names) return this.#takeNames(reader);
		if (field === SOTW_REQUEST.version) this.#version = reader.text("a version");
		else if (field === SOTW_REQUEST.typeUrl) this.typeUrl = reader.typeUrl();
		else if (field === SOTW_REQUEST.nonce) this.nonce = reader.text("a nonce");
		else if (field === SOTW_REQUEST.error) this.lastError = reader.content();
		else if (field === SOTW_REQUEST.node) this.lastNode = reader.content();
		else reader.pass();
		return false;
	}

	request(): MaybeSteps<SotwRequest> {
		if (this.#lists.length === 0) return this.#with(NO_NAMES);
		const list = this.#last.interned.join(this.#lists);
		return areSteps(list) ? this.#joined(list) : this.#of(list);
	}

	#takeNames(reader: RequestReader): boolean {
		const list =
			(this.#count === 0 && this.#last.match(reader)) || this.#last.interned.read(reader, this.#limits, this.#count);
		this.#lists.push(list);
		this.#count += list.names.length;
		return list.isPart;
	}

	*#joined(list: Steps<NameList>): Steps<SotwRequest> {
		return this.#of(yield* list);
	}

	#of(list: NameList): SotwRequest {
		this.#last.remember(list);
		return this.#with(list.names);
	}

	#with(names: readonly string[]): SotwRequest {
		const { node, typeUrl, nonce, error } = this;
		return { node, typeUrl, nonce, error, version: this.#version, names };
	}
}
