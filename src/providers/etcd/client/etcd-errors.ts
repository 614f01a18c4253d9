import { type ServiceError, status } from "@grpc/grpc-js";
import { messageOf, SourceFailed } from "../../../util/errors.js";
import { cleanText } from "../../../util/text/clean-text.js";

/** Characters of what etcd says that are told. */
const MAX_SAID = 300;

/** Why a failure concerns what it does. */
export type EtcdFailureKind =
	/** The server, the cluster or the credentials: every prefix fails alike, and another server may do better. */
	| "server"
	/** One prefix only: it may not be read, or is too large. */
	| "prefix"
	/** The token has expired, or was given before rights changed. */
	| "token"
	/** The revision that is asked for has been compacted. */
	| "compacted"
	/** The answer would be larger than what is taken: a shorter one may do. */
	| "too-large";

/** A call that failed. */
export class EtcdFailed extends SourceFailed {
	readonly kind: EtcdFailureKind;

	constructor(kind: EtcdFailureKind, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.kind = kind;
	}
}

/** What a call of gRPC ended with, in words. @param what `read the keys that begin with "web/"`. */
export function etcdError(reason: unknown, what: string, server: string): EtcdFailed {
	if (reason instanceof EtcdFailed) return reason;
	const { code, details } = reason as Partial<ServiceError>;
	const said = cleanText(plain(details || messageOf(reason)), { max: MAX_SAID });
	const kind = kindOf(code, said);
	return new EtcdFailed(kind, `cannot ${what} at ${server}: ${wordsOf(code, said)}`, { cause: reason });
}

/** A watch that etcd ended, or did not begin. */
export function watchError(reason: string, what: string, server: string): EtcdFailed {
	const said = cleanText(reason || "etcd ended the watch without a reason", { max: MAX_SAID });
	const code = /permission denied/i.test(said) ? status.PERMISSION_DENIED : undefined;
	const kind = isTokenTrouble(said) ? "token" : "prefix";
	return new EtcdFailed(kind, `cannot ${what} at ${server}: ${wordsOf(code, said)}`);
}

function kindOf(code: status | undefined, said: string): EtcdFailureKind {
	if (code === status.UNAUTHENTICATED || isTokenTrouble(said)) return "token";
	if (code === status.PERMISSION_DENIED) return "prefix";
	if (code === status.OUT_OF_RANGE) return "compacted";
	if (code === status.RESOURCE_EXHAUSTED) return /larger than max/i.test(said) ? "too-large" : "prefix";
	return "server";
}

/** The words of etcd's own errors of a token that is of no use any more. */
function isTokenTrouble(said: string): boolean {
	return /invalid auth token|revision of auth store is old/i.test(said);
}

/** Why there is no connection, without what gRPC and Node say around it. */
function plain(text: string): string {
	const [, last = text] =
		/^No connection established\. Last error: (?:Error: )?(.*?)\.? ?(?:Resolution note:.*)?$/s.exec(text) ?? [];
	return last.replace(/; if the root CA is installed locally.*$/s, "");
}

function wordsOf(code: status | undefined, said: string): string {
	if (code === status.PERMISSION_DENIED) return `${said}; the user's role needs the right to read these keys`;
	if (/user name is empty/.test(said)) return `${said}; it wants a user: set username and password, or a certificate`;
	if (/invalid user ID or password/.test(said)) return `${said}; check username and password`;
	if (/certificate/i.test(said)) return `${said}; check ca, and cert and key`;
	if (code === status.DEADLINE_EXCEEDED) return `no answer in time (${said})`;
	return said;
}
