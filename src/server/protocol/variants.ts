import type { DeltaRequest, SotwRequest } from "../wire/discovery-request.js";
import type { Mode } from "../wire/mode.js";
import type { TypeStream } from "./acks/type-stream.js";
import { DeltaSubscription } from "./delta/delta-subscription.js";
import { SotwComplete } from "./sotw/sotw-complete.js";
import { SotwPartial } from "./sotw/sotw-partial.js";
import type { Subscription } from "./subscription/subscription.js";

/** A variant of the protocol: how a client says what it wants, and how it is told. */
export interface Variant<Request> {
	readonly mode: Mode;
	subscribe(stream: TypeStream): Subscription<Request>;
	/** The names that a request asks for. */
	asked(request: Request): readonly string[];
}

export const SOTW: Variant<SotwRequest> = {
	mode: "sotw",
	subscribe: (stream) => (stream.set.type.complete ? new SotwComplete(stream) : new SotwPartial(stream)),
	asked: ({ names }) => names,
};

export const DELTA: Variant<DeltaRequest> = {
	mode: "delta",
	subscribe: (stream) => new DeltaSubscription(stream),
	asked: ({ subscribe }) => subscribe,
};
