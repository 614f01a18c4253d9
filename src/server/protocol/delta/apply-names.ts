import type { Steps } from "../../../util/steps.js";
import type { DeltaRequest } from "../../wire/discovery-request.js";
import { namesInSteps } from "../../wire/names.js";
import type { TypeStream } from "../acks/type-stream.js";
import { NOTHING, UNKNOWN } from "../rules/versions.js";
import { MAX_WORK } from "../subscription/draft-builder.js";
import type { Owed } from "../subscription/owed.js";
import type { DeltaNames } from "./delta-names.js";

const NO_NAMES: ReadonlySet<string> = new Set();

type InitialVersions = ReadonlyMap<string, string>;

/** The first request of a type on a stream. */
export interface FirstRequest {
	/** Names that the client waits for, even if it says that it has them (R17). */
	readonly waiting: ReadonlySet<string>;
}

/**
 * Applies what a delta request wants more and less: it counts whatever its nonce (R28).
 * @throws RpcError if that is more than it may.
 * @param first undefined for every other request: initial versions count only in the first (R30).
 */
export function* applyNames(
	request: DeltaRequest,
	first: FirstRequest | undefined,
	owed: Owed<DeltaNames>,
	{ set, log, checkNames }: TypeStream,
): Steps<void> {
	const { names } = owed;
	const { unsubscribe, initialVersions } = request;
	const initial = first && initialVersions;
	// Some clients say what they want only by what they have; where there is no wildcard it means nothing else.
	const onlyHas = initial !== undefined && request.subscribe.length === 0 && !set.type.wildcard;
	const subscribe = onlyHas ? [...initial.keys()] : request.subscribe;
	const isNew = !names.wildcard && names.size === 0 && unsubscribe.length === 0;
	const hasNothing = isNew && owed.isIdle && !initial?.size;
	const list = isNew ? yield* namesInSteps(subscribe) : NO_NAMES;
	// Almost every stream asks for a list of names, as others did before it.
	if (list.size > 0 && !list.has("*")) {
		names.begin(list);
		if (hasNothing && list.size <= MAX_WORK) {
			owed.askInitial();
			return;
		}
	}
	for (const name of unsubscribe) {
		yield;
		yield* unsubscribeFrom(name, owed);
	}
	// R16: an empty first list is the old wildcard.
	if (first && set.type.wildcard && subscribe.length === 0) yield* subscribeToAll(owed, set, initial);
	// What the client gave up and wants again may reach it by a response that is in flight.
	const inFlight = subscribe.length > 0 ? yield* log.inFlightNames() : NO_NAMES;
	for (const name of subscribe) {
		yield;
		if (name === "*") {
			if (set.type.wildcard) yield* subscribeToAll(owed, set, initial);
			continue;
		}
		const has = (isNew ? NOTHING : owed.versionOf(name)) || (inFlight.has(name) ? UNKNOWN : NOTHING);
		const version = initial?.get(name);
		names.add(name);
		checkNames(names.size);
		if (version === undefined) owed.ask(name, has);
		else owed.bring(name, version, first?.waiting.has(name));
	}
}

function* unsubscribeFrom(name: string, owed: Owed<DeltaNames>): Steps<void> {
	const { names } = owed;
	// R35: a wildcard ends only by this.
	if (name === "*") {
		names.unsubscribeAll();
		yield* owed.forgetUnwanted();
		return;
	}
	// R33: a name that was never subscribed is ignored, and no reply is due.
	if (!names.delete(name)) return;
	owed.forget(name);
	// R34: within a wildcard it is answered, for the client has forgotten it.
	if (names.wildcard) owed.ask(name, NOTHING);
}

function* subscribeToAll(
	owed: Owed<DeltaNames>,
	set: TypeStream["set"],
	initial: InitialVersions | undefined,
): Steps<void> {
	const { names } = owed;
	owed.askResponse();
	const before = names.wildcard;
	const listed = [...set.listed()];
	names.subscribeAll();
	for (const { name } of listed) {
		yield;
		if (names.has(name)) continue;
		const version = initial?.get(name) ?? (before ? owed.versionOf(name) : NOTHING);
		// It may have gone by now: who had nothing of it is told nothing.
		if (!before && !set.get(name)) owed.forget(name);
		else if (initial) owed.bring(name, version);
		else owed.ask(name, version);
	}
	// R30: what the client has and is gone, or may be: what is not known yet is told when it is (R19).
	for (const [name, version] of initial ?? []) {
		yield;
		if (!names.has(name) && (!set.type.listed || !set.known(name))) owed.bring(name, version);
	}
}
