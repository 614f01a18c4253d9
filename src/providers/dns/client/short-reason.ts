import { messageOf } from "../../../util/errors.js";

/** The system's error code where there is one: its messages differ from one attempt to the next, and name the server again. */
export function shortReason(reason: unknown): string {
	const code = reason instanceof Error ? (reason as NodeJS.ErrnoException).code : undefined;
	return typeof code === "string" ? code : messageOf(reason);
}
