import { setImmediate as turn } from "node:timers/promises";
import { addressOf } from "../../model/endpoint.js";
import { parseDuration } from "../../util/duration.js";
import { FingerpostError } from "../../util/errors.js";
import { pause } from "../../util/time-limit.js";
import type { AdminSources } from "../admin-sources.js";
import { errorReply, jsonReply, type Reply } from "../reply.js";

/** `GET /api/v1/converged` */
export interface ConvergedJson {
	readonly converged: boolean;
	/** How many clients ask for the service's endpoints. */
	readonly clients: number;
	/** What the service has at the address. */
	readonly address: Place;
	/** Who has not ACKed it; some are named. */
	readonly waiting: readonly { readonly node: string; readonly stream: number }[];
	/** How many those are. */
	readonly waitingCount: number;
}

type Place = "present" | "draining" | "gone";

interface Query {
	readonly service: string;
	readonly address: string;
	/** Whether it is to be gone, or draining. */
	readonly absent: boolean;
	/** Milliseconds. */
	readonly timeout: number;
}

/** Between two looks: milliseconds. */
const PACE_MS = 20;
/** Looking takes at most this part of the time. */
const SHARE = 10;
const MAX_TIMEOUT_MS = 600_000;
/** Clients that are named. */
const MAX_NAMED = 1_000;
/** Requests that wait at a time. */
const MAX_WAITING = 256;
/** So many streams are looked at before others have the event loop. */
const STEP = 200;

let waitingNow = 0;

/**
 * Answers once every client that asks for the service has ACKed a state in which the address is gone or draining, or
 * present, or when the time is up.
 * @throws FingerpostError USAGE for a query that cannot be
 */
export function converged(
	sources: AdminSources,
	parameters: URLSearchParams,
	signal: AbortSignal,
): Reply | Promise<Reply> {
	const query = readQuery(parameters);
	if (!query.absent && !sources.service(query.service)) {
		return errorReply(404, `there is no service "${query.service}"`);
	}
	if (waitingNow >= MAX_WAITING) {
		return errorReply(503, `${MAX_WAITING} requests wait already; try again`, {}, { "retry-after": "1" });
	}
	return wait(sources, query, signal);
}

async function wait(sources: AdminSources, query: Query, signal: AbortSignal): Promise<Reply> {
	const deadline = performance.now() + query.timeout;
	/** Those that have ACKed it once: what came later for other reasons does not count. */
	const done = new Set<number>();
	waitingNow++;
	try {
		for (;;) {
			const begun = performance.now();
			const seen = await look(sources, query, done);
			if (seen.converged) return jsonReply(200, seen);
			const now = performance.now();
			if (now >= deadline) return jsonReply(504, seen);
			await pause(Math.min(Math.max(PACE_MS, (now - begun) * SHARE), deadline - now), signal);
		}
	} finally {
		waitingNow--;
	}
}

async function look(
	sources: AdminSources,
	{ service, address, absent }: Query,
	done: Set<number>,
): Promise<ConvergedJson> {
	const place = () => placeOf(sources, service, address);
	const fits = (at: Place) => (absent ? at !== "present" : at === "present");
	const at = place();
	if (!fits(at)) done.clear();
	const waiting: ConvergedJson["waiting"][number][] = [];
	let [clients, waitingCount, steps] = [0, 0, 0];
	for (const each of sources.asking?.(service) ?? []) {
		if (++steps % STEP === 0) await turn();
		if (each === "") continue;
		clients++;
		const { node, stream, state } = each;
		const has = state === "acked" || (absent && state === "missing");
		if (has && fits(at)) done.add(stream);
		if (done.has(stream)) continue;
		waitingCount++;
		if (waiting.length < MAX_NAMED) waiting.push({ node, stream });
	}
	// It may be another one since the look began: then what was ACKed meanwhile is not known.
	const isStill = place() === at;
	if (!isStill) done.clear();
	return { converged: fits(at) && isStill && waitingCount === 0, clients, address: at, waiting, waitingCount };
}

function placeOf(sources: AdminSources, service: string, address: string): Place {
	const endpoint = sources.service(service)?.endpoints.find((e) => addressOf(e) === address);
	if (!endpoint) return "gone";
	return endpoint.health === "draining" ? "draining" : "present";
}

function readQuery(parameters: URLSearchParams): Query {
	const service = parameters.get("service");
	const address = parameters.get("address");
	if (!service || !address)
		throw usage("say which service and address: /api/v1/converged?service=web&address=10.0.0.7:8080");
	if (!/^(\[[0-9a-f:.]+\]|[^\s:[\]]+):\d{1,5}$/i.test(address))
		throw usage("an address is 10.0.0.7:8080 or [fd00::7]:8080");
	const absent = parameters.get("absent") ?? "false";
	if (absent !== "true" && absent !== "false") throw usage("absent is true or false");
	const timeout = parseDuration(parameters.get("timeout") ?? "30s");
	if (timeout === undefined || timeout > MAX_TIMEOUT_MS)
		throw usage("timeout is a duration such as 30s, of at most 10m");
	return { service, address, absent: absent === "true", timeout };
}

function usage(message: string): FingerpostError {
	return new FingerpostError("USAGE", message);
}
