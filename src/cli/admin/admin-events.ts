import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Changes } from "../output/follow.js";
import type { AdminClient } from "./admin-client.js";

/** Nothing for so long, not even a heartbeat: the other side has gone. Milliseconds. */
const SILENCE_MS = 30_000;
/** Where nothing is told: milliseconds from one look to the next. */
const POLL_MS = 2_000;

/**
 * The changes that a control plane tells by `/api/v1/events`. Where it tells none (an older version, or it has as many
 * readers as it takes), one every 2 s.
 * @param only `services` or `clients`
 */
export function adminChanges(client: AdminClient, only: string): Changes {
	return async function* (signal) {
		const response = await open(client, only, signal);
		if (!response) {
			yield;
			for (let i = 0; i < 30 && !signal.aborted; i++) {
				await delay(POLL_MS, undefined, { signal }).catch(() => {});
				if (!signal.aborted) yield;
			}
			return;
		}
		yield;
		yield* told(response);
	};
}

/** However much comes while nobody looks, it is one change. */
async function* told(response: IncomingMessage): AsyncIterable<undefined> {
	let [isDue, isOver] = [false, false];
	let wake: (() => void) | undefined;
	response.on("data", (chunk: Buffer) => {
		if (!/^event:/m.test(chunk.toString("latin1"))) return;
		isDue = true;
		wake?.();
	});
	// An error is the end, too: whoever listens connects again.
	response.on("error", () => {});
	response.on("close", () => {
		isOver = true;
		wake?.();
	});
	try {
		while (!isOver) {
			if (!isDue)
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			if (!isDue) continue;
			isDue = false;
			yield;
		}
	} finally {
		response.destroy();
	}
}

/** @returns undefined where the answer is none. @throws FingerpostError ADMIN_UNREACHABLE */
function open(client: AdminClient, only: string, signal: AbortSignal): Promise<IncomingMessage | undefined> {
	return new Promise((resolve, reject) => {
		const asked = client.access.request(
			{ path: `/api/v1/events?only=${only}`, signal, timeout: SILENCE_MS },
			(response) => {
				if (response.statusCode === 200) resolve(response);
				else {
					response.resume();
					resolve(undefined);
				}
			},
		);
		asked.on("timeout", () => asked.destroy(new Error("nothing came for 30 s")));
		asked.on("error", (cause) => reject(client.unreachable(cause)));
		asked.end();
	});
}
