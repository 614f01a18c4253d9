import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { addressIn } from "../peer-address.js";
import type { Call } from "./bytes-method.js";
import type { Encoding } from "./inflated.js";

/** The HTTP/2 stream of a call. */
export interface Http2Stream {
	readonly duplex: Duplex;
	/** The HTTP/2 session of its connection. */
	readonly session: object;
	/** How the client may compress its messages. */
	readonly encoding: Encoding;
	/** The client's address, without the port. */
	readonly address: string;
}

/**
 * The call's HTTP/2 stream, a private field of grpc-js. Undefined if it is not where it is
 * expected, or if the client may compress its messages in a way of which grpc-js has to say that it is unknown.
 */
export function http2StreamOf(call: Call): Http2Stream | undefined {
	const inner: unknown = Reflect.get(call, "call");
	if (typeof inner !== "object" || inner === null) return undefined;
	const duplex: unknown = Reflect.get(inner, "stream");
	if (!(duplex instanceof Duplex) || !("respond" in duplex) || !("session" in duplex)) return undefined;
	const { session } = duplex;
	if (typeof session !== "object" || session === null) return undefined;
	const isRead = duplex.listenerCount("data") === 1 && !duplex.readableFlowing;
	const encoding: unknown = Reflect.get(inner, "incomingEncoding");
	const isKnown = encoding === "identity" || encoding === "gzip" || encoding === "deflate";
	return isRead && isKnown ? { duplex, session, encoding, address: addressIn(call.getPeer()) } : undefined;
}

/** The HTTP/2 stream of any call of grpc-js; undefined if it is not where it is expected. */
export function streamOf(call: object): ServerHttp2Stream | undefined {
	const inner: unknown = Reflect.get(call, "call");
	const stream: unknown = inner instanceof Object ? Reflect.get(inner, "stream") : undefined;
	return stream instanceof Object && "session" in stream ? (stream as ServerHttp2Stream) : undefined;
}

/** What stands for the connection of a stream; undefined if that is gone. */
export function connectionOf(
	stream: ServerHttp2Stream | undefined,
): Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort"> | undefined {
	const session = stream?.session;
	return session?.destroyed ? undefined : session?.socket;
}
