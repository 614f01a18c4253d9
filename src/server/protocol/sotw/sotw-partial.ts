import type { Draft } from "../../../cache/memo/draft.js";
import type { ResourceSet } from "../../../cache/resource-set.js";
import { atOnce, type Steps } from "../../../util/steps.js";
import type { SotwRequest } from "../../wire/discovery-request.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { Phase } from "../rules/order.js";
import { NOTHING, UNKNOWN } from "../rules/versions.js";
import { MAX_WORK } from "../subscription/draft-builder.js";
import { Owed } from "../subscription/owed.js";
import type { Subscription, Taken } from "../subscription/subscription.js";
import { type NamesChange, SotwNames } from "./sotw-names.js";
import { SotwRequests, type SotwSaid } from "./sotw-requests.js";

/**
 * State of the world of a type whose responses hold what changed or was asked for; absence deletes
 * nothing (R23).
 */
export class SotwPartial implements Subscription<SotwRequest> {
	readonly stream: TypeStream;
	readonly #owed: Owed<SotwNames>;
	readonly #requests: SotwRequests;
	#started = false;

	constructor(stream: TypeStream) {
		this.stream = stream;
		this.#owed = new Owed(stream, SotwNames);
		this.#requests = new SotwRequests(stream, this.#owed.names, (rejected) => this.#owed.takeBack(rejected));
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
		return this.#owed.isDue;
	}

	isDueFor(name: string): boolean {
		return this.#owed.isDueFor(name);
	}

	hasAcked(name: string): boolean {
		return this.#owed.hasAcked(name);
	}

	receive(request: SotwRequest): Taken {
		if (!this.#started && request.version !== "") this.#owed.mayHaveMore();
		this.#started = true;
		const said = this.#requests.read(request);
		const { ack } = said;
		// Almost every request is an ACK.
		const isPlain = said.names === "none" && !said.mayRepeat && ack?.kind !== "nack";
		return { ack, rest: isPlain ? undefined : this.#take(request, said) };
	}

	next(phase: Phase): Draft | undefined {
		return this.#owed.next(phase);
	}

	resend(name: string): void {
		const { set } = this.stream;
		// That there is nothing of the name was said before (R38).
		if (set.get(name) || set.type.placeholder) this.#owed.resend(name);
	}

	/**
	 * By the resources themselves. The specification has an entry without a body for SotW, too, but
	 * Envoy's SotW client takes that for a resource that is missing, and deletes what should have
	 * lived on.
	 */
	heartbeat(): void {
		atOnce(this.#resendAll());
	}

	moveTo(set: ResourceSet, differing: readonly string[], at: number): void {
		this.#owed.moveTo(set, differing, at);
	}

	close(): void {
		this.#owed.close();
		this.stream.nacks.clear();
	}

	*#take(request: SotwRequest, said: SotwSaid): Steps<void> {
		const change = said.names === "none" ? undefined : yield* this.#requests.take(request, said);
		if (change) yield* this.#want(change);
		else if (said.mayRepeat) yield* this.#resendAll();
		if ((change || said.ack?.kind === "nack") && this.isDue) this.stream.onDue();
	}

	*#resendAll(): Steps<void> {
		for (const name of this.#owed.names) {
			yield;
			this.resend(name);
		}
	}

	*#want({ added, again, removed }: NamesChange): Steps<void> {
		const { names } = this.#owed;
		// Almost every stream comes with nothing and asks for a list of names, as others did before it.
		const isFirst = added === names.followed && !this.stream.log.sent && this.#owed.isIdle;
		if (isFirst && added.size <= MAX_WORK) {
			this.#owed.askInitial();
			return;
		}
		// R25: a shorter list needs no reply.
		for (const name of removed) {
			yield;
			this.#owed.forget(name);
		}
		// What was given up and is wanted again may have come in between.
		for (const name of added) {
			yield;
			const mayHave = again.has(name) && this.#owed.versionOf(name) !== NOTHING;
			this.#owed.ask(name, mayHave ? UNKNOWN : NOTHING);
		}
	}
}
