import { FingerpostError } from "../../util/errors.js";
import type { AdminOptions } from "../admin/admin-access.js";
import { AdminClient, errorText } from "../admin/admin-client.js";
import type { CliIo } from "../cli-io.js";
import { printable } from "../output/table.js";

export interface HealthOptions extends AdminOptions {
	/** Whether it can serve, not only whether the process runs. */
	readonly ready?: boolean;
}

/** Whoever runs a health check waits for it, with a limit of its own. */
const TIMEOUT_MS = 3_000;

const HEALTH = { path: "/healthz", status: "ok", otherwise: "not healthy" };
const READINESS = { path: "/readyz", status: "ready", otherwise: "not ready" };

/**
 * Asks a control plane whether it is well: one line on stdout if it is, one on stderr if not.
 * @returns the exit code: 0 if it is, else 1
 */
export async function health(options: HealthOptions, io: CliIo): Promise<number> {
	const { ready } = options;
	const { path, status, otherwise } = ready ? READINESS : HEALTH;
	const problem = await problemAt(path, status, new AdminClient(options, TIMEOUT_MS));
	if (problem === undefined) io.stdout.write(`${status}\n`);
	else io.stderr.write(`${otherwise}: ${printable(problem)}\n`);
	return problem === undefined ? 0 : 1;
}

/** Why the answer is another one than `{"status": expected}`, in one line; undefined if it is that. */
async function problemAt(path: string, expected: string, client: AdminClient): Promise<string | undefined> {
	try {
		const answer = await client.ask(path);
		if (answer.status !== 200) return `${path} answers ${answer.status}: ${errorText(answer.body)}`;
		const status = (JSON.parse(answer.body) as { readonly status?: unknown } | null)?.status;
		return status === expected ? undefined : `${path} answers ${JSON.stringify(status)}`;
	} catch (error) {
		if (error instanceof SyntaxError) return "what listens there is not a Fingerpost admin port";
		if (!(error instanceof FingerpostError)) throw error;
		return error.message.split("\n", 1)[0];
	}
}
