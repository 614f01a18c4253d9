import { cleanText } from "./text/clean-text.js";

/** Characters of a message: room for a config's every problem. */
const MOST = 64 << 10;
/** Of what a source says, or is said of it. */
const MOST_OF_SOURCE = 2_000;

/** Why something failed, in a word that programs can compare. */
export type ErrorCode =
	| "INVALID_TARGET"
	| "UNSUPPORTED_SCHEME"
	| "SERVICE_NOT_FOUND"
	| "INVALID_CONFIG"
	| "INVALID_ENDPOINTS"
	| "SOURCE_FAILED"
	| "LISTEN_FAILED"
	| "STATE_IN_USE"
	| "ADMIN_UNREACHABLE"
	| "NO_READY_ENDPOINTS"
	| "CLOSED"
	| "USAGE"
	| "INTERNAL";

/** The base of every error that Fingerpost throws: the message says what, where and what to do. */
export class FingerpostError extends Error {
	readonly code: ErrorCode;

	constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
		// What it quotes may come from anybody, and ends in logs and on terminals.
		super(cleanText(message, { max: MOST, lines: true }), options);
		this.name = new.target.name;
		this.code = code;
	}

	/** Any thrown value as a FingerpostError; one that already is stays itself. */
	static from(reason: unknown, code: ErrorCode = "INTERNAL"): FingerpostError {
		if (reason instanceof FingerpostError) return reason;
		return new FingerpostError(code, messageOf(reason), { cause: reason });
	}
}

/** The target's text cannot be understood. */
export class InvalidTarget extends FingerpostError {
	constructor(message: string, options?: { cause?: unknown }) {
		super("INVALID_TARGET", message, options);
	}
}

/** No provider is registered for the target's scheme; the message lists the known ones. */
export class UnsupportedScheme extends FingerpostError {
	constructor(scheme: string, known: readonly string[]) {
		super("UNSUPPORTED_SCHEME", `no provider for the scheme "${scheme}"; known schemes: ${known.join(", ")}`);
	}
}

/** The source itself says that the service does not exist. */
export class ServiceNotFound extends FingerpostError {
	constructor(message: string, options?: { cause?: unknown }) {
		super("SERVICE_NOT_FOUND", cleanText(message, { max: MOST_OF_SOURCE, lines: true }), options);
	}
}

/** The source could not be asked, or its answer is not authoritative. What was known stays. */
export class SourceFailed extends FingerpostError {
	constructor(message: string, options?: { cause?: unknown }) {
		super("SOURCE_FAILED", cleanText(message, { max: MOST_OF_SOURCE, lines: true }), options);
	}
}

export function messageOf(reason: unknown): string {
	return reason instanceof Error ? reason.message : String(reason);
}
