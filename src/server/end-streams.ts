import type { Socket } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import type { RpcError } from "./wire/rpc-error.js";

/** Milliseconds for the last frames of an old connection to leave the process. */
const LAST_FRAMES_MS = 50;
/** Streams ended in a turn of the event loop at a stop. */
const ENDED_A_TURN = 32;
/** Milliseconds for the streams of an old connection to end, if its client does not read. */
const RETIRE_LIMIT_MS = 3_000;

/** A stream that can be ended. */
export interface EndingStream {
	/** In order: resolves when everything is handed to the connection. */
	end(): Promise<void>;
	expel(why: RpcError): void;
}

/**
 * A few in each turn. The end of a stream takes some turns to leave the process; if all were ended at once, thousands of
 * connections would be closed before theirs has left.
 */
export async function endAll(streams: Iterable<EndingStream>): Promise<void> {
	const ended: Promise<void>[] = [];
	for (const stream of streams) {
		ended.push(stream.end());
		if (ended.length % ENDED_A_TURN === 0) await turn();
	}
	await Promise.all(ended);
}

/** Ends the streams of a connection in order, then it: the client reconnects. @param why they end, if not simply so. */
export async function retire(socket: Socket, streams: readonly EndingStream[], why?: RpcError): Promise<void> {
	await Promise.race([
		Promise.all(streams.map((stream) => (why ? stream.expel(why) : stream.end()))),
		delay(RETIRE_LIMIT_MS, undefined, { ref: false }),
	]);
	await delay(LAST_FRAMES_MS);
	socket.destroySoon();
}
