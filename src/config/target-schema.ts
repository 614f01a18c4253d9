import { z } from "zod";
import { describe } from "../input/check.js";
import {
	healthSchema,
	localityPartsSchema,
	metadataSchema,
	prioritySchema,
	weightSchema,
} from "../input/endpoint-schema.js";
import { strictObject } from "../input/strict-object.js";
import type { ServiceTarget } from "../model/service.js";
import { PROVIDER_KINDS } from "../providers/provider-kinds.js";
import { messageOf } from "../util/errors.js";
import { safeguardsShape } from "./sections/safeguards-section.js";
import type { TargetReader } from "./target-reader.js";

/** The only target of a service. */
export function alone(target: ServiceTarget["target"]): ServiceTarget {
	return { target, priority: 0 };
}

/** Several targets of a service, with what is said of each. */
export function targetListSchema(targets: TargetReader) {
	return z
		.array(targetEntry(targets), { error: ({ input }) => `expected a list of targets, not ${describe(input)}` })
		.min(1, { error: "expected at least one target" })
		.superRefine((list, ctx) => {
			for (const { index, message } of weightProblems(list)) {
				ctx.addIssue({ code: "custom", path: [index], message });
			}
		});
}

function targetEntry(targets: TargetReader) {
	const target = targetSchema(targets);
	const entry = strictObject({
		target,
		priority: prioritySchema,
		weight: weightSchema
			.optional()
			.describe(
				"The target's part of the traffic of its priority, relative to the other targets' weights and however many endpoints it has; 0 is none. All targets of a priority have one, or none.",
			),
		health: healthSchema
			.optional()
			.describe("Its endpoints are no better than this: degraded ones get traffic only while no others are left."),
		locality: localityPartsSchema.optional().describe("Where its endpoints run; the parts that are given count."),
		...safeguardsShape(),
		metadata: metadataSchema.optional().describe("Metadata that each of its endpoints gets beside its own."),
	});
	return z.union([target.transform(alone), entry], {
		error: ({ input }) => `expected a target or {target, priority}, not ${describe(input)}`,
	});
}

/** Of a priority in which some targets have weights, those that have none. */
function weightProblems(list: readonly ServiceTarget[]): { readonly index: number; readonly message: string }[] {
	const weighted = new Map<number, string>();
	for (const { target, priority, weight } of list) {
		if (weight !== undefined && !weighted.has(priority)) weighted.set(priority, target.text);
	}
	return list.flatMap(({ target, priority, weight }, index) => {
		const other = weighted.get(priority);
		if (weight !== undefined || other === undefined) return [];
		const message = `${target.text} has no weight, and ${other} of the same priority has one; give all targets of priority ${priority} a weight, or none`;
		return [{ index, message }];
	});
}

export function targetSchema(targets: TargetReader) {
	return z
		.string()
		.meta({
			description: "Where endpoints are found: scheme://…, or an address and port.",
			examples: PROVIDER_KINDS.map(({ example }) => example),
		})
		.transform((text, ctx) => {
			try {
				return targets.read(text);
			} catch (error) {
				ctx.addIssue({ code: "custom", message: messageOf(error) });
				return z.NEVER;
			}
		});
}
