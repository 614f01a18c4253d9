import type { ConvergedJson } from "../../admin/converged/converged.js";
import { formatDuration } from "../../util/duration.js";
import { FingerpostError, messageOf } from "../../util/errors.js";
import { addressesOf } from "../../util/net/addresses-of.js";
import type { AdminAddress, AdminsOptions } from "../admin/admin-access.js";
import { AdminClient, errorText, withQuery } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";

export interface WaitOptions extends AdminsOptions {
	/** A name with several addresses stands for all of them. */
	readonly admin: readonly AdminAddress[];
	readonly service: string;
	readonly address: string;
	readonly gone?: boolean;
	/** Milliseconds. */
	readonly timeout: number;
}

/** Clients that are named. */
const MAX_NAMED = 20;
/** For what an answer takes beside the waiting: milliseconds. */
const MORE_MS = 5_000;

/**
 * Waits until every client of every replica has ACKed that an address is gone or draining, or present.
 * @returns 0, or 1 if the time was up.
 * @throws FingerpostError ADMIN_UNREACHABLE, USAGE
 */
export async function wait(options: WaitOptions, io: CliIo): Promise<number> {
	const { admin, service, address, gone, timeout, ...how } = options;
	const replicas = (await Promise.all(admin.map(placesOf))).flat();
	const query = { service, address, timeout: formatDuration(timeout), ...(gone && { absent: "true" }) };
	const path = withQuery("/api/v1/converged", query);
	const answers = await Promise.all(
		replicas.map(async (replica) => {
			const client = new AdminClient({ ...how, admin: replica }, timeout + MORE_MS);
			return [client.access.name, await ask(client, path)] as const;
		}),
	);
	const clients = answers.reduce((sum, [, answer]) => sum + answer.clients, 0);
	const late = answers.filter(([, answer]) => !answer.converged);
	const what = `${service} ${address} ${gone ? "gone or draining" : "present"}`;
	if (late.length === 0) {
		io.stdout.write(`${printable(`${what}: all ${clients} clients have it`)}\n`);
		return 0;
	}
	for (const [replica, answer] of late) io.stderr.write(`${printable(lateText(what, replica, answer))}\n`);
	return 1;
}

function lateText(what: string, replica: string, { address, clients, waiting, waitingCount }: ConvergedJson): string {
	const named = waiting.slice(0, MAX_NAMED).map(({ node, stream }) => `${node || "-"} (stream ${stream})`);
	const more = waitingCount > named.length ? ` and ${waitingCount - named.length} more` : "";
	const who = waitingCount === 0 ? "" : `: ${named.join(", ")}${more}`;
	return `${what}: not yet at ${replica}: the address is ${address} there, and ${waitingCount} of ${clients} clients have not ACKed it${who}`;
}

async function ask(client: AdminClient, path: string): Promise<ConvergedJson> {
	const { status, body } = await client.ask(path);
	if (status === 200 || status === 504) return JSON.parse(body) as ConvergedJson;
	const code = status === 404 ? "SERVICE_NOT_FOUND" : status === 400 ? "USAGE" : "ADMIN_UNREACHABLE";
	throw new FingerpostError(code, errorText(body));
}

async function placesOf(replica: AdminAddress): Promise<readonly AdminAddress[]> {
	const { host, path } = replica;
	if (path !== undefined) return [replica];
	try {
		const found = await addressesOf(host);
		return found.map((address) => (address === host ? replica : { ...replica, host: address, servername: host }));
	} catch (cause) {
		throw new FingerpostError("ADMIN_UNREACHABLE", `cannot look up ${host}: ${messageOf(cause)}`, { cause });
	}
}
