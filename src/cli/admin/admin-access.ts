import { readFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { request as secureRequest } from "node:https";
import { formatListen, type ListenAddress } from "../../model/listen/listen-address.js";
import { FingerpostError } from "../../util/errors.js";

/** Where the admin port of a control plane is. */
export interface AdminAddress extends ListenAddress {
	readonly tls?: boolean;
	/** The name that its certificate must be of, where `host` is one of the addresses of that name. */
	readonly servername?: string;
}

/** Of all commands that ask the admin port. */
export interface AdminOptions {
	readonly admin: AdminAddress;
	/** A PEM file with the CA of the server's certificate; the system's CAs unless given. */
	readonly ca?: string;
	/** A file with the bearer token. */
	readonly tokenFile?: string;
	/** PEM files with a client certificate and its key. */
	readonly cert?: string;
	readonly key?: string;
}

/** Of those that ask several control planes, each in the same way. */
export interface AdminsOptions extends Omit<AdminOptions, "admin"> {
	readonly admin: readonly AdminAddress[];
}

/** How the admin port of a control plane is asked. */
export class AdminAccess {
	readonly #address: AdminAddress;
	readonly #options: RequestOptions;

	/** @throws FingerpostError USAGE for a file that cannot be read. */
	constructor({ admin, ca, tokenFile, cert, key }: AdminOptions) {
		this.#address = admin;
		const { host, port, path, tls, servername } = admin;
		const token = tokenFile === undefined ? undefined : read("--token-file", tokenFile).trim();
		if (tls && (cert === undefined) !== (key === undefined))
			throw new FingerpostError("USAGE", "--cert and --key belong together");
		this.#options = {
			...(path === undefined ? { host, port } : { socketPath: path }),
			...(tls && servername !== undefined && { servername }),
			...(tls && ca !== undefined && { ca: read("--ca", ca) }),
			...(tls && cert !== undefined && { cert: read("--cert", cert) }),
			...(tls && key !== undefined && { key: read("--key", key) }),
			...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
			agent: false,
		};
	}

	/** As it is written after `--admin`. */
	get name(): string {
		return `${this.#address.tls ? "https://" : ""}${formatListen(this.#address)}`;
	}

	request(options: RequestOptions, answered: (response: IncomingMessage) => void): ClientRequest {
		return (this.#address.tls ? secureRequest : request)({ ...this.#options, ...options }, answered);
	}
}

function read(option: string, path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch (cause) {
		const { code, message } = cause as NodeJS.ErrnoException;
		const why = code === "ENOENT" ? "does not exist" : code === "EACCES" ? "may not be read" : message;
		throw new FingerpostError("USAGE", `${option}: ${path} ${why}`, { cause });
	}
}
