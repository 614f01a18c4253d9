import { z } from "zod";
import { readInstances } from "../blocking/query/read-instances.js";

const locality = z.object({ Region: z.string().default(""), Zone: z.string().default("") }).nullish();
const weight = z.int().min(0);

/** An instance of a service, as the health endpoint tells it; the rest of it is left out. */
const healthEntry = z.object({
	Node: z.object({ Node: z.string(), Address: z.string().default(""), Locality: locality }),
	Service: z.object({
		ID: z.string(),
		Address: z.string().default(""),
		Port: z.int(),
		Tags: z.array(z.string()).nullish(),
		Meta: z.record(z.string(), z.string()).nullish(),
		Weights: z.object({ Passing: weight, Warning: weight }).nullish(),
		Locality: locality,
		ModifyIndex: z.number().optional(),
	}),
	Checks: z.array(z.object({ CheckID: z.string(), Status: z.string() })).nullish(),
});

export type HealthEntry = Readonly<z.output<typeof healthEntry>>;

/** Reads an answer of the health endpoint. @throws SourceFailed if it is none or has more than `most`, the signal's reason. */
export function readHealthEntries(text: string, most: number, signal: AbortSignal): Promise<readonly HealthEntry[]> {
	return readInstances(text, healthEntry, { most, signal });
}
