import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { status } from "@grpc/grpc-js";
import {
	type ClientCertificate,
	type ClientTrust,
	clientCertificate,
	distrustOf,
	NO_TRUST,
} from "../../util/tls/client-certificate.js";
import type { FollowedTls } from "../../util/tls/followed-tls.js";
import { type Authentication, isProven } from "../access/authentication.js";
import { RpcError } from "../wire/rpc-error.js";

interface Connection {
	readonly certificate: ClientCertificate | undefined;
	/** What it was held against when the connection was set up. */
	readonly trust: ClientTrust;
}

/** Who polls: by its token, or the certificate of its connection. */
export class RestCallers {
	readonly #authentication: Authentication;
	readonly #tls: FollowedTls | undefined;
	readonly #connections = new WeakMap<TLSSocket, Connection>();

	/** @param tls that of the server; it serves in clear unless it is given. */
	constructor(authentication: Authentication, tls: FollowedTls | undefined) {
		this.#authentication = authentication;
		this.#tls = tls;
	}

	/**
	 * @returns undefined for who has proved nothing, where that is allowed.
	 * @throws RpcError UNAUTHENTICATED for who is refused; UNAVAILABLE for who may try again.
	 */
	async identityOf({ socket, headers }: IncomingMessage): Promise<string | undefined> {
		const isEncrypted = socket instanceof TLSSocket;
		const found = await this.#authentication.of({
			authorization: headers.authorization,
			identity: isEncrypted ? this.#certified(socket) : undefined,
			isEncrypted,
			isOpen: false,
		});
		if (isProven(found)) return found.identity;
		if (found.isBusy) throw new RpcError(status.UNAVAILABLE, found.reason);
		throw RpcError.unauthenticated(found.reason);
	}

	/** @throws RpcError where the certificate that the connection was set up with does not count any more. */
	#certified(socket: TLSSocket): string | undefined {
		const trust = this.#tls?.clientTrust ?? NO_TRUST;
		let connection = this.#connections.get(socket);
		if (!connection) {
			connection = { certificate: clientCertificate(socket, trust), trust };
			this.#connections.set(socket, connection);
		}
		const { certificate, trust: before } = connection;
		if (!certificate) return undefined;
		if (certificate.until <= Date.now()) throw RpcError.unauthenticated("the client's certificate has expired");
		const why = trust === before ? undefined : distrustOf(certificate, trust, before);
		if (why !== undefined) throw RpcError.unauthenticated(why);
		return certificate.identity;
	}
}
