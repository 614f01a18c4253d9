import type { Attributes, Span } from "@opentelemetry/api";
import type { ServiceChange } from "../../../catalog/catalog.js";
import { sourceTime } from "../../../catalog/history/history.js";
import type { TypeId } from "../../../resources/resource-type.js";
import type { SentResponse } from "../../../server/protocol/acks/response-log.js";
import type { StreamIdentity } from "../../../server/transport/server-events.js";
import { changedTarget, providerOf } from "../source-times.js";
import type { Tracing } from "./load-tracing.js";

/** Changes that are traced at a time; while so many wait for clients, others are not. */
const MAX_OPEN = 100;
/** Services of a change that are named, each with a span for its source. */
const MAX_SERVICES = 20;
/** Spans of clients of a change. All are counted. */
const MAX_PUSHES = 100;
/** A change is traced for so long, where not every client has ACKed it before: milliseconds. */
const LIMIT_MS = 30_000;

/** What was sent to a client. */
type Sent = Pick<SentResponse, "since" | "sentAt">;

interface Open {
	readonly span: Span;
	/** Changed services that some client may lack. */
	readonly waiting: Set<string>;
	readonly limit: NodeJS.Timeout;
	sources: number;
	acks: number;
	nacks: number;
	/** When something last happened to it, in milliseconds since 1970. */
	lastAt: number;
}

/**
 * A trace for what the catalog tells at once: from when the source says that it happened until the last client has ACKed
 * it. Times are in milliseconds since 1970, in traces as in the API.
 */
export class ChangeTraces {
	readonly #tracing: Tracing;
	/** By when the catalog changed, in milliseconds of `performance.now()`: responses say it, too. */
	readonly #open = new Map<number, Open>();

	constructor(tracing: Tracing) {
		this.#tracing = tracing;
	}

	/** Call when the caches have them. @param at as a CatalogListener is told. */
	changed(changes: readonly ServiceChange[], at: number): void {
		const visible = changes.filter(({ previous, current }) => previous?.endpoints !== current?.endpoints);
		if (visible.length === 0) return;
		const now = Date.now();
		const changedAt = now - (performance.now() - at);
		const open = this.#open.get(at) ?? this.#begin(at, visible, changedAt);
		if (!open) return;
		for (const change of visible) {
			open.waiting.add(change.name);
			if (open.sources++ >= MAX_SERVICES) continue;
			const attributes = {
				"fingerpost.service": change.name,
				"fingerpost.provider": providerOf(change),
				"fingerpost.target": changedTarget(change),
				"fingerpost.endpoints": change.current?.endpoints.length ?? 0,
			};
			this.#within(open, "fingerpost.source", [startOf(change, changedAt), changedAt], attributes);
		}
		this.#within(open, "fingerpost.catalog", [changedAt, now], { "fingerpost.services": visible.length });
		open.lastAt = now;
	}

	acked(stream: StreamIdentity, type: TypeId, sent: Sent): void {
		const open = this.#of(sent);
		if (open && ++open.acks + open.nacks <= MAX_PUSHES) this.#push(open, stream, { type, sent });
	}

	/** @param error the client's own words. */
	nacked(stream: StreamIdentity, type: TypeId, sent: Sent, error: string): void {
		const open = this.#of(sent);
		if (open && ++open.nacks + open.acks <= MAX_PUSHES) this.#push(open, stream, { type, sent, error });
	}

	/** No client lacks these services any more. */
	done(names: readonly string[]): void {
		for (const [at, open] of this.#open) {
			for (const name of names) open.waiting.delete(name);
			if (open.waiting.size === 0) this.#end(at, open);
		}
	}

	/** Ends what is traced. */
	stop(): void {
		for (const [at, open] of this.#open) this.#end(at, open);
	}

	#begin(at: number, changes: readonly ServiceChange[], changedAt: number): Open | undefined {
		if (this.#open.size >= MAX_OPEN) return undefined;
		const startTime = Math.min(...changes.slice(0, MAX_SERVICES).map((change) => startOf(change, changedAt)));
		const names = changes.slice(0, MAX_SERVICES).map(({ name }) => name);
		const attributes = { "fingerpost.service": names };
		const span = this.#tracing.tracer.startSpan("fingerpost.change", { startTime, attributes, root: true });
		const limit = setTimeout(() => this.#end(at, open), LIMIT_MS).unref();
		const open: Open = {
			...{ span, waiting: new Set(), limit },
			...{ sources: 0, acks: 0, nacks: 0, lastAt: changedAt },
		};
		this.#open.set(at, open);
		return open;
	}

	#of({ since }: Sent): Open | undefined {
		const open = since === undefined ? undefined : this.#open.get(since);
		if (open) open.lastAt = Date.now();
		return open;
	}

	#push(open: Open, { node, stream, family }: StreamIdentity, of: { type: TypeId; sent: Sent; error?: string }): void {
		const { type, sent, error } = of;
		const attributes = {
			...{ "fingerpost.node": node, "fingerpost.stream": stream },
			...{ "fingerpost.family": family, "fingerpost.type": type },
		};
		this.#within(open, "fingerpost.push", [sent.sentAt ?? open.lastAt, open.lastAt], attributes, error);
	}

	#within(
		open: Open,
		name: string,
		[from, to]: readonly [number, number],
		attributes: Attributes,
		error?: string,
	): void {
		const { tracer, within, failed } = this.#tracing;
		const span = tracer.startSpan(name, { startTime: from, attributes }, within(open.span));
		if (error !== undefined) span.setStatus({ code: failed, message: error });
		span.end(Math.max(from, to));
	}

	#end(at: number, { span, waiting, limit, acks, nacks, lastAt }: Open): void {
		clearTimeout(limit);
		this.#open.delete(at);
		span.setAttributes({
			...{ "fingerpost.acks": acks, "fingerpost.nacks": nacks },
			// Whether the last client has it; if not, it takes longer, or something came in between.
			"fingerpost.complete": waiting.size === 0 && nacks === 0,
		});
		span.end(lastAt);
	}
}

/** When the source says that it happened; else when it was heard of. */
function startOf(change: ServiceChange, changedAt: number): number {
	// What was there before Fingerpost knew of it says nothing.
	const at = change.previous?.known ? sourceTime(change) : undefined;
	return Math.min(at ?? changedAt, changedAt);
}
