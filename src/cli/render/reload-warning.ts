import type { ConfigJson } from "../../admin/config-json.js";
import type { AdminClient } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { ageOf } from "../output/age.js";
import type { ShowOptions } from "../output/show.js";
import { printable } from "../output/table.js";

/** More problems than these are only counted. */
const MOST = 3;

/** Says on stderr, below a table, that what is shown is not what the config file says now: it could not be taken over. */
export async function warnOfReload(client: AdminClient, { output, watch }: ShowOptions, io: CliIo): Promise<void> {
	if (watch || (output !== "table" && output !== "wide")) return;
	// An older control plane does not say.
	const config = await client.get<ConfigJson>("/api/v1/config");
	const { success = true, at = "", error = null } = config?.lastReload ?? {};
	if (success) return;
	const problems = (error ?? "it cannot be read").split("\n");
	const lines = problems.slice(0, MOST).map((line) => `  ${printable(line)}\n`);
	if (problems.length > MOST) lines.push(`  and ${problems.length - MOST} more\n`);
	io.stderr.write(
		`\nwarning: the config was changed ${ageOf(at, new Date())} ago and is not valid; the last one stays in use:\n${lines.join("")}`,
	);
}
