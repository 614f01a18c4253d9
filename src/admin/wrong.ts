import { localityText } from "../model/locality.js";
import type { ClientStatus, TypeStatus } from "../server/protocol/client-status.js";
import type { ServiceJson } from "./admin-json.js";
import type { ConfigJson } from "./config-json.js";
import type { SourceJson } from "./target-json.js";
import type { ReplicasJson } from "./zones/replica-json.js";

/** `error`: somebody has not what he should. `warning`: it works, and may not for long. `note`: worth knowing. */
export const LEVELS = ["error", "warning", "note"] as const;

/** Something that an operator should look at. */
export interface WrongJson {
	readonly level: (typeof LEVELS)[number];
	/** What it is, in a word. */
	readonly kind: string;
	/** The service or the node that it is of; both null where it is of Fingerpost itself. */
	readonly service: string | null;
	readonly node: string | null;
	readonly message: string;
	readonly since: string | null;
}

/** After so long without an ACK a client is slow: milliseconds. */
export const SLOW_MS = 10_000;

type Found = Omit<WrongJson, "service" | "node">;

export function* wrongWithConfig({ lastReload, certificates }: ConfigJson): Iterable<Found> {
	if (lastReload && !lastReload.success) {
		const message = lastReload.error ?? "the config could not be taken over";
		yield { level: "error", kind: "reload failed", message, since: lastReload.at };
	}
	for (const { listener, subject, notAfter, note } of certificates) {
		if (note === null) continue;
		const level = Date.parse(notAfter) <= Date.now() ? "error" : "warning";
		yield { level, kind: "certificate", message: `${listener}, ${subject}: ${note}`, since: null };
	}
}

export function* wrongWithSource({ target, state, lastError, lastErrorAt, staleSince }: SourceJson): Iterable<Found> {
	if (state !== "stale" && state !== "failed") return;
	const since = staleSince ?? lastErrorAt;
	const level = state === "failed" ? "error" : "warning";
	yield { level, kind: `target ${state}`, message: `${target}: ${lastError ?? "no answer"}`, since };
}

export function* wrongWithReplicas({ known, replicas }: ReplicasJson): Iterable<Found> {
	for (const { address, state, error, lastSuccess } of replicas) {
		if (state !== "stale" && state !== "failed") continue;
		const counts = state === "stale" ? "its clients still count" : "its clients do not count";
		const message = `${address}: ${error ?? "no answer"}; ${counts}`;
		yield { level: "warning", kind: `replica ${state}`, message, since: lastSuccess };
	}
	if (known) return;
	const message = "none answers: where a zone is full is not known, so all clients get all endpoints";
	yield { level: "warning", kind: "replicas unknown", message, since: null };
}

/** All but its notes. */
export function* wrongWithService(service: ServiceJson): Iterable<Found> {
	const { problems, targets, endpoints, pin, compare, state } = service;
	for (const { reason, type, family, message, since, rejectedBy } of problems) {
		const who = rejectedBy === null ? "" : ` by ${rejectedBy} of the clients`;
		const what = [type, family].filter(Boolean).join(", ");
		yield { level: "error", kind: reason, message: `${what}${who}${what || who ? ": " : ""}${message}`, since };
	}
	for (const target of targets) yield* wrongWithSource(target);
	for (const { target, held, outage, staleSince } of targets) {
		if (held) {
			const message = `${held.count} of ${held.of} endpoints of ${target} are held: its source does not have them any more`;
			yield { level: "warning", kind: "held", message, since: held.since };
		}
		if (outage) yield { level: "error", kind: "outage", message: `${target} fails: ${outage}`, since: staleSince };
	}
	if (endpoints.ready === 0 && state !== "unknown" && state !== "removing") {
		const what = endpoints.total === 0 ? "it has no endpoints" : `none of its ${endpoints.total} endpoints is ready`;
		const message = service.notes.length > 0 ? `${what}: ${service.notes[0]}` : what;
		yield { level: "error", kind: "nothing ready", message, since: null };
	}
	if (pin)
		yield { level: "warning", kind: "pinned", message: `to ${pin.version} until ${pin.until}`, since: pin.since };
	if (compare?.since)
		yield { level: "warning", kind: "differs", message: `from ${compare.target}`, since: compare.since };
}

export function* wrongWithClient({ types, locality, userAgent }: ClientStatus): Iterable<Found> {
	const place = locality ? localityText(locality) : "";
	const who = [userAgent, place].filter(Boolean).join(", ");
	for (const [id, type] of Object.entries(types)) {
		for (const found of wrongWithType(type)) {
			yield { ...found, message: `${id.toUpperCase()}: ${found.message}${who === "" ? "" : ` (${who})`}` };
		}
	}
}

function* wrongWithType({ nacked, asksNothing, missing, synced, sent }: TypeStatus): Iterable<Found> {
	if (nacked) {
		const message = `rejects ${listed(nacked.resources)}: ${nacked.error}`;
		yield { level: "error", kind: "rejects", message, since: nacked.at.toISOString() };
	}
	if (missing.length > 0)
		yield { level: "error", kind: "missing", message: `asks for what does not exist: ${listed(missing)}`, since: null };
	if (asksNothing)
		yield { level: "warning", kind: "asks nothing", message: "asks for no name, so it gets nothing", since: null };
	if (!synced && !nacked && sent && Date.now() - sent.at.getTime() > SLOW_MS)
		yield { level: "warning", kind: "slow", message: "has not ACKed what it was sent", since: sent.at.toISOString() };
}

function listed(names: readonly string[]): string {
	const more = names.length - SHOWN;
	return `${names.slice(0, SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const SHOWN = 5;
