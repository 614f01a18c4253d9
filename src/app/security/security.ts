import type { X509Certificate } from "node:crypto";
import type { Logger } from "pino";
import type { ListenerCertificate } from "../../admin/config-json.js";
import { AdminTokens } from "../../admin/guard/admin-tokens.js";
import type { Metrics } from "../../admin/metrics/metrics.js";
import type { Config } from "../../config/config.js";
import { Authentication } from "../../server/access/authentication.js";
import { FingerpostError, messageOf } from "../../util/errors.js";
import { expiryNote } from "../../util/tls/expiry.js";
import { FollowedTls } from "../../util/tls/followed-tls.js";
import type { TlsFiles } from "../../util/tls/tls-files.js";
import type { KeyObserver } from "../../util/tokens/followed-keys.js";
import { TokenVerifier } from "../../util/tokens/token-verifier.js";
import type { ClientLog } from "../log/client-log.js";
import { logLine } from "../log/log-line.js";
import { shownError } from "../log/shown.js";
import { ToldOnce } from "./told-once.js";

export const LISTENERS = ["xds", "admin"] as const;
export type Listener = (typeof LISTENERS)[number];

/** Milliseconds between two looks at the dates of certificates, and from one warning to the next. */
const LOOK_MS = 3_600_000;
const WARN_MS = 86_400_000;

type OpenPorts<A> = Readonly<Record<"xds" | "rest" | "admin", A | undefined>>;

export interface SecurityParts {
	readonly log: Logger;
	readonly clientLog: ClientLog;
	readonly metrics: () => Metrics;
}

/** TLS and tokens of the servers, with what is logged, counted and shown of them. */
export class Security {
	readonly xds: FollowedTls | undefined;
	readonly admin: FollowedTls | undefined;
	/** Of the admin API. */
	readonly tokens: AdminTokens | undefined;
	/** Who a caller of xDS is. */
	readonly authentication: Authentication;
	readonly #verifier: TokenVerifier | undefined;
	readonly #parts: SecurityParts;
	readonly #told = new ToldOnce();
	/** When the certificate of a listener was warned of. */
	readonly #warned = new Map<Listener, number>();

	constructor({ xds, admin }: Pick<Config, "xds" | "admin">, parts: SecurityParts) {
		this.#parts = parts;
		this.xds = this.#follow("xds", xds.tls);
		this.admin = this.#follow("admin", admin.tls);
		const { log } = parts;
		this.#verifier = xds.tokens && new TokenVerifier(xds.tokens, keyLog(log, xds.tokens.jwks));
		this.authentication = new Authentication(this.#verifier, xds.insecure);
		this.tokens =
			admin.tokens &&
			new AdminTokens(admin.tokens, {
				changed: (role) => logLine(log, "other admin tokens count from now on", { role }),
				failed: (role, error) =>
					logLine(log, "a file of admin tokens cannot be used; the tokens that counted still do", {
						role,
						error: error.message,
					}),
			});
	}

	/**
	 * Reads all files, and follows them until the signal fires.
	 * @throws FingerpostError INVALID_CONFIG for files that cannot be used.
	 */
	async start(signal: AbortSignal): Promise<void> {
		for (const listener of LISTENERS) {
			await this[listener]?.start(signal).catch((cause) => refuse(`${listener}.tls`, cause));
		}
		await this.tokens?.start(signal).catch((cause) => refuse("admin.tokens", cause));
		await this.#verifier?.start(signal).catch((cause) => refuse("xds.tokens", cause));
		if (!this.xds && !this.admin) return;
		const look = setInterval(() => this.#warn(), LOOK_MS).unref();
		signal.addEventListener("abort", () => clearInterval(look), { once: true });
		this.#warn();
	}

	/** By TLS a client was refused. @param address with port. */
	refused(listener: Listener, address: string, error: string): void {
		this.#parts.metrics().refused(listener);
		if (!this.#told.isNew(address.replace(/:\d*$/, ""), error, performance.now())) return;
		this.#parts.clientLog.write("client refused: the TLS handshake failed", { address, listener, error });
	}

	/** A call of xDS was refused, as who makes it has proved nothing. @param address with port. */
	unproven(address: string, reason: string): void {
		this.#parts.metrics().unproven();
		const error = shownError(reason);
		if (!this.#told.isNew(address.replace(/:\d*$/, ""), error, performance.now())) return;
		this.#parts.clientLog.write("client refused: it has not proved who it is", { address, error });
	}

	/** Those of the addresses at which there is no TLS. */
	inClear<A>({ xds, rest, admin }: OpenPorts<A>): OpenPorts<A> {
		return {
			xds: this.xds ? undefined : xds,
			rest: this.xds ? undefined : rest,
			admin: this.admin ? undefined : admin,
		};
	}

	/** The certificates in use. */
	*certificates(): Iterable<ListenerCertificate> {
		for (const listener of LISTENERS) {
			const certificate = this[listener]?.certificate;
			if (!certificate) continue;
			const { validFromDate, validToDate } = certificate;
			const note = expiryNote(certificate, Date.now()) ?? null;
			const dates = { notBefore: validFromDate.toISOString(), notAfter: validToDate.toISOString() };
			yield { listener, subject: subjectOf(certificate), ...dates, note };
		}
	}

	#follow(listener: Listener, files: TlsFiles | undefined): FollowedTls | undefined {
		const { log } = this.#parts;
		return (
			files &&
			new FollowedTls(files, {
				changed: (certificate) => {
					const notAfter = certificate.validToDate.toISOString();
					logLine(log, "new TLS files are in use", { listener, subject: subjectOf(certificate), notAfter });
					this.#warned.delete(listener);
					this.#warn();
				},
				failed: (error) =>
					logLine(log, "the TLS files cannot be used; what was in use stays", { listener, error: error.message }),
			})
		);
	}

	#warn(): void {
		const now = performance.now();
		for (const { listener, subject, note } of this.certificates()) {
			const before = this.#warned.get(listener);
			if (note === null || (before !== undefined && now - before < WARN_MS)) continue;
			this.#warned.set(listener, now);
			logLine(this.#parts.log, "the certificate needs to be replaced", { listener, subject, note });
		}
	}
}

function keyLog(log: Logger, jwks: string): KeyObserver {
	return {
		changed: ({ keys }) => logLine(log, "other keys count for tokens from now on", { keys: keys.length, jwks }),
		failed: ({ message }) =>
			logLine(log, "the keys for tokens cannot be read; those that counted still do", { jwks, error: message }),
	};
}

function refuse(key: string, cause: unknown): never {
	throw new FingerpostError("INVALID_CONFIG", `${key}: ${messageOf(cause)}`, { cause });
}

/** In one line; a certificate may have its names elsewhere alone. */
function subjectOf({ subject, subjectAltName }: X509Certificate): string {
	return (subject || subjectAltName || "").replaceAll("\n", ", ");
}
