import { once } from "node:events";
import { Client, type ClientDuplexStream, Metadata, type MethodDefinition, status } from "@grpc/grpc-js";
import { untilAborted } from "../../../util/time-limit.js";
import { countedRequest } from "../../source-requests.js";
import { channelCredentials, type EtcdAccess, passwordOf } from "./etcd-access.js";
import {
	type EtcdCalls,
	etcdCalls,
	type RangeRequest,
	type RangeResponse,
	type WatchRequest,
	type WatchResponse,
} from "./etcd-calls.js";
import { type EtcdFailed, etcdError } from "./etcd-errors.js";
import type { EtcdServer } from "./etcd-server.js";

/** A larger answer is not taken: 8 MiB. etcd itself refuses requests above 1.5 MiB. */
const MAX_ANSWER = 8 * 1024 * 1024;

const CHANNEL = {
	"grpc.max_receive_message_length": MAX_ANSWER,
	// Who uses the connection decides when it is tried again, and with which server.
	"grpc.enable_retries": 0,
	"grpc.service_config_disable_resolution": 1,
	// Each connection is its owner's alone: it ends with its owner, and its certificates are its own.
	"grpc.use_local_subchannel_pool": 1,
	"grpc.enable_http_proxy": 0,
};

export interface EtcdConnectionOptions {
	readonly access: EtcdAccess;
	/** Milliseconds until the answer to a request. */
	readonly answer: number;
	readonly signal: AbortSignal;
}

/** Calls to one etcd server. It does not come back after it has failed: a new one takes its place. */
export class EtcdConnection {
	readonly server: EtcdServer;
	readonly #calls: EtcdCalls;
	readonly #client: Client;
	readonly #options: EtcdConnectionOptions;
	#token: string | undefined;

	private constructor(server: EtcdServer, calls: EtcdCalls, client: Client, options: EtcdConnectionOptions) {
		this.server = server;
		this.#calls = calls;
		this.#client = client;
		this.#options = options;
	}

	/** @throws EtcdFailed, SourceFailed; the signal's reason once it fires. */
	static async open(server: EtcdServer, options: EtcdConnectionOptions): Promise<EtcdConnection> {
		const { access, signal } = options;
		const secured = await channelCredentials(server, access, signal);
		const calls = await untilAborted(etcdCalls(), signal);
		const connection = new EtcdConnection(server, calls, new Client(server.address, secured, CHANNEL), options);
		try {
			await connection.authenticate();
			return connection;
		} catch (error) {
			connection.close();
			throw error;
		}
	}

	/** Gets a token for the user, if there is one. @throws EtcdFailed */
	async authenticate(): Promise<void> {
		const { access, signal } = this.#options;
		const { username } = access;
		if (username === undefined) return;
		const password = await passwordOf(access, signal);
		try {
			const { token } = await this.#ask(this.#calls.authenticate, { name: username, password }, new Metadata());
			this.#token = token;
		} catch (error) {
			// Without authentication everybody may do everything: nobody needs a token.
			if ((error as { code?: unknown }).code === status.FAILED_PRECONDITION) this.#token = undefined;
			else throw this.#failure(error, `authenticate the user "${username}"`);
		}
	}

	/** @param what it is for, in the words of a failure. @throws EtcdFailed */
	async range(request: RangeRequest, what: string): Promise<RangeResponse> {
		const token = this.#token;
		try {
			return await this.#ask(this.#calls.range, request, this.#metadata());
		} catch (reason) {
			const failure = this.#failure(reason, what);
			if (failure.kind !== "token" || this.#options.access.username === undefined) throw failure;
			// Another request may have got a new one meanwhile.
			if (this.#token === token) await this.authenticate();
			try {
				return await this.#ask(this.#calls.range, request, this.#metadata());
			} catch (again) {
				throw this.#failure(again, what);
			}
		}
	}

	/** A stream that all watches of the connection share. It fails where the server has lost its leader. */
	watch(): ClientDuplexStream<WatchRequest, WatchResponse> {
		const { path, requestSerialize, responseDeserialize } = this.#calls.watch;
		const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, this.#metadata());
		const { signal } = this.#options;
		const begun = once(call, "metadata", { signal });
		void countedRequest({ provider: "etcd", signal }, () => begun).catch(() => {});
		return call;
	}

	close(): void {
		this.#client.close();
	}

	#metadata(): Metadata {
		const metadata = new Metadata();
		metadata.set("hasleader", "true");
		if (this.#token !== undefined) metadata.set("token", this.#token);
		return metadata;
	}

	/** @throws what gRPC says; the signal's reason once it fires. */
	#ask<Q, A>(method: MethodDefinition<Q, A>, request: Q, metadata: Metadata): Promise<A> {
		const { answer, signal } = this.#options;
		signal.throwIfAborted();
		const { promise, resolve, reject } = Promise.withResolvers<A>();
		const { path, requestSerialize, responseDeserialize } = method;
		const options = { deadline: Date.now() + answer };
		const call = this.#client.makeUnaryRequest(
			path,
			requestSerialize,
			responseDeserialize,
			request,
			metadata,
			options,
			(error, response) => {
				if (error) reject(error);
				else if (response) resolve(response);
				else reject(new Error("the answer is empty"));
			},
		);
		const stop = () => call.cancel();
		signal.addEventListener("abort", stop, { once: true });
		const answered = untilAborted(
			promise.finally(() => signal.removeEventListener("abort", stop)),
			signal,
		);
		return countedRequest({ provider: "etcd", signal }, () => answered);
	}

	#failure(reason: unknown, what: string): EtcdFailed {
		this.#options.signal.throwIfAborted();
		return etcdError(reason, what, this.server.url);
	}
}
