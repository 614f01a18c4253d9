import { messageOf } from "../../util/errors.js";

/** Why a connection failed, in words. Where a name has several addresses, Node's error has no message of its own. */
export function connectionProblem(error: unknown): string {
	if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
	const message = messageOf(error);
	if (message === "aborted" || message === "socket hang up") return "the connection broke off";
	const { code } = error as NodeJS.ErrnoException;
	const isCertificate = code !== undefined && /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT)/.test(code);
	return isCertificate ? `its certificate is not accepted: ${message} (${code}); is ca the right one?` : message;
}
