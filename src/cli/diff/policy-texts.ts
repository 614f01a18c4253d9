import { POLICY_KEYS, type Policies } from "../../model/policies/policies.js";
import { sameValue } from "../../util/same-value.js";

/** What is different of the policies: `circuitBreakers - -> maxRequests 5`. */
export function policyTexts(was: Policies = {}, is: Policies = {}): readonly string[] {
	return POLICY_KEYS.filter((key) => !sameValue(was[key], is[key])).map(
		(key) => `${key} ${textOf(was[key])} -> ${textOf(is[key])}`,
	);
}

/** Durations in milliseconds; `-` for what is not given. */
function textOf(value: unknown): string {
	if (value === undefined) return "-";
	if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
	const parts = Object.entries(value).filter(([, each]) => each !== undefined);
	const texts = parts.map(([key, each]) => `${key} ${typeof each === "string" ? each : JSON.stringify(each)}`);
	return texts.length === 0 ? "{}" : texts.join(", ");
}
