import { DEFAULT_LIMITS } from "../../src/model/limits.js";
import { resourceTypeByUrl } from "../../src/resources/resource-types.js";
import type { Ack } from "../../src/server/protocol/acks/response-log.js";
import { Session, type SessionContext } from "../../src/server/protocol/session.js";
import { DELTA_STREAM, SOTW_STREAM, type StreamVariant } from "../../src/server/transport/stream-variants.js";
import type { DeltaRequest, DiscoveryRequest, SotwRequest } from "../../src/server/wire/discovery-request.js";
import type { InternedNames } from "../../src/server/wire/interned-names.js";
import { LastNames } from "../../src/server/wire/last-names.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { areSteps } from "../../src/util/steps.js";
import { done } from "./wire/decode-at-once.js";

/** A session without a connection: its requests come as bytes. */
export interface OpenSession {
	readonly session: Session<SotwRequest> | Session<DeltaRequest>;
	/**
	 * @param between called between the steps in which the request is taken.
	 * @returns what the server took the request for.
	 * @throws if it is for a type that there is not.
	 */
	receive(bytes: Uint8Array, between?: (step: number) => void): Ack | undefined;
}

export function openSession(mode: Mode, context: SessionContext, names: InternedNames): OpenSession {
	const lastNames = new LastNames(names);
	return mode === "sotw" ? open(SOTW_STREAM, context, lastNames) : open(DELTA_STREAM, context, lastNames);
}

function open<Request extends DiscoveryRequest>(
	variant: StreamVariant<Request>,
	context: SessionContext,
	lastNames: LastNames,
) {
	const session = new Session(variant, context);
	const receive = (bytes: Uint8Array, between: (step: number) => void = () => {}) => {
		const request = done(variant.decode(bytes, true, DEFAULT_LIMITS, lastNames));
		const type = resourceTypeByUrl(request.typeUrl);
		if (!type) throw new Error(`no type ${request.typeUrl}`);
		const received = session.receive(type, request);
		if (!areSteps(received)) return received.ack;
		for (let step = 1; ; step++) {
			const { done, value } = received.next();
			if (done) return value.ack;
			between(step);
		}
	};
	return { session, receive };
}
