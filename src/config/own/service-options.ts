import { z } from "zod";
import { check } from "../../input/check.js";
import { InvalidConfig } from "../../input/invalid-config.js";
import type { Finding } from "../../input/problem.js";
import { strictObject } from "../../input/strict-object.js";
import type { ServiceSettings } from "../../model/service.js";
import { tlsProblem } from "../../model/traffic/upstream-tls.js";
import { MAX_DURATION_MS } from "../../util/duration.js";
import type { SettingsFiller, WrittenSettings } from "../policies/settings-filler.js";
import { settingsProblems } from "../policies/settings-problems.js";
import { settingsShape } from "../service-schema.js";

type Written = z.input<z.ZodObject<ReturnType<typeof settingsShape>>>;

/** What is said of a service beside its endpoints: the keys of a service in a config, and written as there. */
export interface ServiceOptions extends Omit<Written, "connectTimeout"> {
	/** That Envoy waits for a connection to an endpoint: milliseconds, or a text such as `5s`; 5,000 unless given. */
	readonly connectTimeout?: number | string | undefined;
}

/** Made when the first options are read, for it takes a while. */
let schema: ReturnType<typeof optionsSchema> | undefined;

/**
 * Checks the options of a service, each by itself.
 * @param subject what the problems are of, such as `service "web"`.
 * @throws InvalidConfig with every problem at once.
 */
export function readOptions(options: ServiceOptions, subject: string): WrittenSettings {
	schema ??= optionsSchema();
	const { value, findings } = check(schema, options);
	if (findings) throw InvalidConfig.of(findings.map(inWordsOfOptions), subject);
	return value;
}

/**
 * The settings of a service with these options.
 * @param filler has the defaults.
 * @throws InvalidConfig with every problem at once.
 */
export function fillOptions(written: WrittenSettings, subject: string, filler: SettingsFiller): ServiceSettings {
	const settings = filler.fill(written);
	const tls = tlsProblem({ targets: [], tls: settings.tls });
	const problems = [
		...(tls === undefined ? [] : [{ path: ["tls"], message: tls }]),
		...settingsProblems({ ...settings, targets: [] }),
	];
	if (problems.length > 0) throw InvalidConfig.of(problems, subject);
	return settings;
}

function optionsSchema() {
	const { connectTimeout, ...shape } = settingsShape();
	return strictObject({ ...shape, connectTimeout: z.preprocess(asDuration, connectTimeout) });
}

/** Milliseconds as a config has them. */
function asDuration(time: unknown, ctx: z.RefinementCtx): unknown {
	if (typeof time !== "number") return time;
	if (Number.isInteger(time) && time >= 1 && time <= MAX_DURATION_MS) return `${time}ms`;
	const message = `expected 1 to ${MAX_DURATION_MS} ms, a whole number, or a text such as 5s, not ${time}`;
	ctx.addIssue({ code: "custom", message });
	return z.NEVER;
}

/** A program gives options, where a config has keys. */
function inWordsOfOptions({ path, at, message }: Finding): Pick<Finding, "path" | "message"> {
	const isOption = at === "key" && path.length === 1;
	return {
		path,
		message: isOption ? message.replace("unknown key", "unknown option").replace("known keys", "options") : message,
	};
}
