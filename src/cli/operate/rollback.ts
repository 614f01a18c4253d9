import type { RollbackJson } from "../../admin/explain/rollback.js";
import { formatDuration } from "../../util/duration.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";
import { askService } from "./ask-service.js";

export interface RollbackOptions extends AdminOptions {
	/** Milliseconds. */
	readonly for: number;
}

/**
 * Serves a service as it was, for a while, whatever its sources say.
 * @param version which state; the one before the newest change unless given.
 * @throws ServiceNotFound, FingerpostError USAGE, ADMIN_UNREACHABLE
 */
export async function rollback(
	service: string,
	version: string | undefined,
	options: RollbackOptions,
	io: CliIo,
): Promise<number> {
	const query = { to: version, for: formatDuration(options.for) };
	const question = { service, what: "rollback", query, method: "POST" } as const;
	const pinned = await askService<RollbackJson>(new AdminClient(options), question);
	const count = `${pinned.endpoints} endpoint${pinned.endpoints === 1 ? "" : "s"}`;
	const what = `${service} is pinned to version ${pinned.version || "-"} (${count}) until ${pinned.until}`;
	io.stdout.write(`${printable(what)}\n`);
	return 0;
}

/**
 * Ends a rollback.
 * @throws ServiceNotFound, FingerpostError ADMIN_UNREACHABLE
 */
export async function release(service: string, options: AdminOptions, io: CliIo): Promise<number> {
	const question = { service, what: "release", method: "POST" } as const;
	const { released } = await askService<{ readonly released: boolean }>(new AdminClient(options), question);
	io.stdout.write(`${printable(released ? `${service} follows its sources again` : `${service} was not pinned`)}\n`);
	return 0;
}
