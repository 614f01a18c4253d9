import { z } from "zod";
import type { ChecksReply, FailingCheck } from "../blocking/query/blocking-source.js";
import { readInstances } from "../blocking/query/read-instances.js";

/** More checks than that fail nowhere that is looked after. */
const MOST = 200_000;

const check = z.object({
	Node: z.string(),
	CheckID: z.string(),
	Status: z.string(),
	ServiceID: z.string().default(""),
	ServiceName: z.string().default(""),
});

/** Reads an answer of the endpoint of checks. @throws SourceFailed if it is none, the signal's reason. */
export async function readFailingChecks(text: string, signal: AbortSignal): Promise<ChecksReply["failing"]> {
	const checks = await readInstances(text, check, { most: MOST, signal });
	return new Map(
		checks.map(({ Node, CheckID, Status, ServiceID, ServiceName }): [string, FailingCheck] => [
			`${Node}\0${CheckID}\0${ServiceID}`,
			{ node: Node, service: ServiceName, status: Status },
		]),
	);
}
