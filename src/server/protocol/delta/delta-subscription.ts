import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import { atOnce, type Steps } from "../../../util/steps.js";
import type { DeltaRequest } from "../../wire/discovery-request.js";
import { applyAck } from "../acks/apply-ack.js";
import type { Ack } from "../acks/response-log.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { Phase } from "../rules/order.js";
import { NOTHING, REJECTED, UNKNOWN } from "../rules/versions.js";
import { Owed } from "../subscription/owed.js";
import type { Subscription, Taken } from "../subscription/subscription.js";
import { applyNames, type FirstRequest } from "./apply-names.js";
import { DeltaNames } from "./delta-names.js";
import { DueHeartbeats } from "./due-heartbeats.js";

/**
 * Incremental: the client says what it wants more or less, and gets what changed and what is gone.
 */
export class DeltaSubscription implements Subscription<DeltaRequest> {
	readonly stream: TypeStream;
	readonly #owed: Owed<DeltaNames>;
	readonly #heartbeats = new DueHeartbeats();
	#started = false;

	constructor(stream: TypeStream) {
		this.stream = stream;
		this.#owed = new Owed(stream, DeltaNames);
	}

	get wildcard(): boolean {
		return this.#owed.names.wildcard;
	}

	get hasNames(): boolean {
		return this.#owed.names.size > 0;
	}

	names(): Iterable<string> {
		return this.#owed.names;
	}

	wants(name: string): boolean {
		return this.#owed.names.wants(name);
	}

	get isDue(): boolean {
		return this.#owed.isDue || this.#heartbeats.size > 0;
	}

	isDueFor(name: string): boolean {
		return this.#owed.isDueFor(name);
	}

	hasAcked(name: string): boolean {
		return this.#owed.hasAcked(name);
	}

	receive(request: DeltaRequest, waiting: ReadonlySet<string>): Taken {
		const first = this.#started ? undefined : { waiting };
		this.#started = true;
		const ack = first ? undefined : this.#acknowledge(request);
		if (first || request.subscribe.length + request.unsubscribe.length > 0)
			return { ack, rest: this.#want(request, first) };
		// An ACK of what was no probe makes nothing due.
		const isPlain = ack?.kind === "ack" && !ack.response.probe && !ack.probeSkipped;
		if (!isPlain && this.isDue) this.stream.onDue();
		return { ack, rest: undefined };
	}

	next(phase: Phase): Draft | undefined {
		const next = this.#owed.next(phase);
		if (next || phase === "removal") return next;
		const { scope, version } = this.stream.set;
		return this.#heartbeats.next(version, (name) => (scope.allows(name) ? this.#owed.versionOf(name) : NOTHING));
	}

	resend(name: string): void {
		this.#owed.resend(name);
	}

	/** By entries without a body. What was sent and not acknowledged in time is sent in full, too. */
	heartbeat(late: boolean): void {
		const { set, log, nacks } = this.stream;
		const inFlight = atOnce(log.inFlightNames());
		const whole = late || log.inFlight > 0;
		for (const [name, has] of this.#owed.held()) {
			const resource = set.get(name);
			const canSend = resource !== undefined && !nacks.isNacked(resource);
			if (canSend && (whole || has === UNKNOWN)) this.#owed.ask(name, has);
			else if (has !== UNKNOWN && has !== REJECTED && !inFlight.has(name)) this.#heartbeats.add(name, has);
		}
		if (this.isDue) this.stream.onDue();
	}

	moveTo(set: ResourceSet, differing: readonly string[], at: number): void {
		this.#owed.moveTo(set, differing, at);
		for (const name of differing) this.#heartbeats.forget(name);
	}

	close(): void {
		this.#owed.close();
		this.#heartbeats.clear();
		this.stream.nacks.clear();
	}

	*#want(request: DeltaRequest, first: FirstRequest | undefined): Steps<void> {
		yield* applyNames(request, first, this.#owed, this.stream);
		if (this.isDue) this.stream.onDue();
	}

	#acknowledge({ nonce, error }: DeltaRequest): Ack | undefined {
		const { log } = this.stream;
		const ack = applyAck(log.acknowledge(nonce, error), this.stream, (rejected) => this.#owed.takeBack(rejected));
		if (ack?.kind === "nack" && this.#heartbeats.isHeartbeat(ack.response)) {
			// R26: the client has nothing that could live on. It gets all again, but for what it rejects.
			this.#owed.doubtAll();
			this.heartbeat(false);
		}
		return ack;
	}
}
