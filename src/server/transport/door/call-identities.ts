import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { status } from "@grpc/grpc-js";
import { type Authentication, isProven, type Proven, type Unproven } from "../../access/authentication.js";
import { RpcError } from "../../wire/rpc-error.js";
import { streamOf } from "../messages/http2-stream.js";
import { peerOf } from "../peer-address.js";
import { refuseStream } from "./http2-server.js";

/** Milliseconds between two looks for tokens that have ended. */
const LOOK_MS = 5_000;

/** Who came over a connection, as far as that alone tells. */
export interface ConnectionIdentity {
	readonly identity: string | undefined;
	/** Whether nobody has to prove anything where it came in. */
	readonly isOpen: boolean;
}

export interface CallIdentitiesOptions {
	readonly authentication: Authentication;
	connection(stream: ServerHttp2Stream): ConnectionIdentity;
	/** A caller was refused. @param address with port. @param reason why, in words. */
	refused(address: string, reason: string): void;
}

interface Caller {
	readonly identity: string | undefined;
	readonly until: number;
	end(): void;
}

/** Who makes each call, by its token or its connection. A call does not outlive its token. */
export class CallIdentities {
	readonly #options: CallIdentitiesOptions;
	/** Those who are known by a token. */
	readonly #byToken = new Map<ServerHttp2Stream, Caller>();
	#timer: NodeJS.Timeout | undefined;

	constructor(options: CallIdentitiesOptions) {
		this.#options = options;
	}

	/** @param pass lets the call go on, once it is known who makes it. Who is refused is told why. */
	welcome(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, pass: () => void): void {
		const { authentication, connection } = this.#options;
		if (!authentication.takesTokens) {
			pass();
			return;
		}
		const found = authentication.of({
			...connection(stream),
			authorization: headers.authorization,
			isEncrypted: stream.session?.encrypted === true,
		});
		if (found instanceof Promise) void found.then((each) => this.#decide(stream, each, pass));
		else this.#decide(stream, found, pass);
	}

	/** Who makes the call; undefined for who has proved nothing. */
	of(call: object): string | undefined {
		const stream = streamOf(call);
		if (!stream) return undefined;
		return (this.#byToken.get(stream) ?? this.#options.connection(stream)).identity;
	}

	/** @param end ends the call in order, when its token ends. Without it the stream is simply closed. */
	whenEnded(call: object, end: (why: RpcError) => void): void {
		const stream = streamOf(call);
		const caller = stream && this.#byToken.get(stream);
		if (caller)
			caller.end = () => end(RpcError.unauthenticated("the client's token has expired; come with the next one"));
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#decide(stream: ServerHttp2Stream, found: Proven | Unproven, pass: () => void): void {
		// It may have gone meanwhile.
		if (stream.destroyed || stream.closed) return;
		if (!isProven(found)) {
			this.#refuse(stream, found);
			return;
		}
		if (found.until !== undefined) this.#know(stream, found.identity, found.until);
		pass();
	}

	#know(stream: ServerHttp2Stream, identity: string | undefined, until: number): void {
		this.#byToken.set(stream, { identity, until, end: () => stream.close(constants.NGHTTP2_CANCEL) });
		stream.once("close", () => this.#byToken.delete(stream));
		this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
	}

	#refuse(stream: ServerHttp2Stream, { reason, isBusy = false }: Unproven): void {
		const socket = stream.session?.socket;
		if (socket) this.#options.refused(peerOf(socket), reason);
		refuseStream(stream, isBusy ? new RpcError(status.UNAVAILABLE, reason) : RpcError.unauthenticated(reason));
	}

	#look(): void {
		const now = Date.now();
		for (const [stream, { until, end }] of this.#byToken) {
			if (until > now) continue;
			this.#byToken.delete(stream);
			end();
		}
	}
}
