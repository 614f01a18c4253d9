// @ts-check
import { ask, Unauthorized } from "./api.js";
import { EventParser } from "./events.js";

/** @typedef {{kind: string, data: any}} Told */
/** @typedef {"live" | "polling" | "unauthorized"} Line */

const PATH = "/api/v1/events?only=services,changes,nacks";
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 30_000;
const NAME = "fingerpost-events";

/**
 * Tells what the server tells. All pages of a browser share one connection where they can (only from https and
 * loopback): a browser has six to a server, and the server tells no more than sixteen.
 * @param {{told: (event: Told) => void, line: (state: Line) => void}} listener
 */
export function listen(listener) {
	const channel = new BroadcastChannel(NAME);
	/** @type {Line | undefined} of the connection, where this page has it */
	let own;
	channel.onmessage = ({ data }) => {
		if (data.line) listener.line(data.line);
		else if (data.kind !== "joined") listener.told(data);
		else if (own) channel.postMessage({ line: own });
	};
	const send = (/** @type {Told} */ event) => {
		listener.told(event);
		channel.postMessage(event);
	};
	const line = (/** @type {Line} */ state) => {
		own = state === "unauthorized" ? undefined : state;
		listener.line(state);
		channel.postMessage({ line: state });
	};
	channel.postMessage({ kind: "joined", data: null });
	if (navigator.locks) void navigator.locks.request(NAME, () => read(send, line));
	else void read(send, line);
}

/**
 * Until the token does not count any more; main.js asks for another one then, and loads the page again.
 * @param {(event: Told) => void} send
 * @param {(state: Line) => void} line
 */
async function read(send, line) {
	for (let wait = RETRY_MS; ; wait = Math.min(MAX_RETRY_MS, wait * 2)) {
		try {
			const response = await ask(PATH, new AbortController().signal);
			line("live");
			wait = RETRY_MS;
			// What was missed meanwhile is in the lists.
			send({ kind: "connected", data: null });
			await readAll(/** @type {ReadableStream<Uint8Array>} */ (response.body), send);
		} catch (error) {
			if (error instanceof Unauthorized) return line("unauthorized");
		}
		line("polling");
		await new Promise((resolve) => setTimeout(resolve, wait));
	}
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {(event: Told) => void} send
 */
async function readAll(body, send) {
	const parser = new EventParser();
	const decoder = new TextDecoder();
	const reader = body.getReader();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		const events = parser.push(decoder.decode(value, { stream: true }));
		for (const { kind, data } of events) send({ kind, data: JSON.parse(data) });
	}
}
