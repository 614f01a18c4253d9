import { messageOf } from "../../../util/errors.js";

/**
 * The system's error code if there is one: its messages vary from attempt to attempt and repeat the
 * server.
 */
export function shortReason(reason: unknown): string {
	const code = reason instanceof Error ? (reason as NodeJS.ErrnoException).code : undefined;
	return typeof code === "string" ? code : messageOf(reason);
}
