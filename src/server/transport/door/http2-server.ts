import { EventEmitter } from "node:events";
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** Bytes of a request's headers: gRPC allows metadata of 8 KiB by default. */
const MAX_HEADERS = 16 * 1024;
/** Streams that a connection may reset at once, and in a second. Node's own are 1,000 and 33. */
const RESETS = { streamResetBurst: 200, streamResetRate: 20 };

/** Takes a stream that has begun. */
export type StreamTaker = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => void;

/** Sets what grpc-js has no options for. To be called before it serves. @returns whether it could. */
export function tightenHttp2(server: Server): boolean {
	const options: unknown = Reflect.get(server, "commonServerOptions");
	if (typeof options !== "object" || options === null) return false;
	const settings: unknown = Reflect.get(options, "settings");
	const own = typeof settings === "object" ? settings : {};
	Object.assign(options, RESETS, { settings: { ...own, maxHeaderListSize: MAX_HEADERS } });
	return true;
}

/** The HTTP/2 server within a gRPC server, a private field of grpc-js; undefined if it is not where it is expected. */
export function http2ServerOf(server: Server): EventEmitter | undefined {
	const servers: unknown = Reflect.get(server, "http2Servers");
	if (!(servers instanceof Map)) return undefined;
	const [first]: unknown[] = [...servers.keys()];
	return first instanceof EventEmitter && first.listenerCount("stream") > 0 ? first : undefined;
}

/** Puts someone before grpc-js, who decides which streams it gets. */
export function interceptStreams(http2: EventEmitter, decide: (grpc: StreamTaker) => StreamTaker): void {
	const theirs = http2.listeners("stream") as StreamTaker[];
	http2.removeAllListeners("stream");
	http2.on(
		"stream",
		decide((stream, headers, flags) => {
			for (const each of theirs) each.call(http2, stream, headers, flags);
		}),
	);
}

/** Answers a stream that grpc-js does not get, and ends it in both directions. */
export function refuseStream(stream: ServerHttp2Stream, { code, details }: { code: number; details: string }): void {
	if (stream.closed) return;
	const headers = {
		":status": constants.HTTP_STATUS_OK,
		"content-type": "application/grpc+proto",
		"grpc-status": code,
		"grpc-message": encodeURI(details),
	};
	stream.respond(headers, { endStream: true });
	stream.close(constants.NGHTTP2_NO_ERROR);
}
