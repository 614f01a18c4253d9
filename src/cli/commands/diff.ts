import { needingRestart } from "../../app/needing-restart.js";
import { loadConfig } from "../../config/load.js";
import { Registry } from "../../providers/registry.js";
import { FingerpostError } from "../../util/errors.js";
import { cleanJson } from "../../util/text/clean-text.js";
import type { AdminOptions } from "../admin/admin-access.js";
import type { CliIo } from "../cli-io.js";
import { diffConfigs, isSame } from "../diff/config-diff.js";
import { diffText } from "../diff/diff-text.js";
import { diffService } from "../operate/history.js";

const SAME = 0;
const DIFFERENT = 1;
const TROUBLE = 2;

export interface DiffOptions extends AdminOptions {
	readonly output: "text" | "json";
	/** Of a service: since when. */
	readonly since?: string;
}

/** @returns as diffConfigFiles(), of a service with `since`. */
export async function diff(
	before: string,
	after: string | undefined,
	options: DiffOptions,
	io: CliIo,
): Promise<number> {
	const { since, output } = options;
	if (since !== undefined && after === undefined) {
		return diffService(before, { ...options, since }, io).catch((error) => inTrouble(error, io));
	}
	if (since === undefined && after !== undefined) return diffConfigFiles(before, after, output, io);
	throw new FingerpostError("USAGE", "give two config files, or a service and --since");
}

/**
 * Shows what clients would be sent if NEW followed OLD; no source is asked, so of other targets it is where their
 * endpoints are found that is compared.
 * @returns the exit code, as diff's: 0 the same, 1 not, 2 a config that cannot be used
 */
async function diffConfigFiles(before: string, after: string, output: "text" | "json", io: CliIo): Promise<number> {
	const registry = new Registry();
	try {
		const old = await loadConfig(before, { registry, env: io.env, atOnce: true });
		const now = await loadConfig(after, { registry, env: io.env, atOnce: true });
		const difference = diffConfigs(old, now);
		if (output === "json") io.stdout.write(`${cleanJson(JSON.stringify(difference, null, 2))}\n`);
		else if (!isSame(difference)) io.stdout.write(diffText(difference, io));
		for (const { key, message } of needingRestart(old, now)) io.stderr.write(`${key}: ${message}\n`);
		return isSame(difference) ? SAME : DIFFERENT;
	} catch (error) {
		return inTrouble(error, io);
	}
}

function inTrouble(error: unknown, io: CliIo): number {
	if (!(error instanceof FingerpostError)) throw error;
	io.stderr.write(`error: ${error.message}\n`);
	return TROUBLE;
}
