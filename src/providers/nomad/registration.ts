import { z } from "zod";
import { SourceFailed } from "../../util/errors.js";
import { readInstances } from "../blocking/query/read-instances.js";
import { checkServiceCount, readJsonAnswer, readTags } from "../blocking/query/read-services.js";

/** An instance of a service, as Nomad has it; the rest of it is left out. */
const registration = z.object({
	ID: z.string(),
	NodeID: z.string().default(""),
	Datacenter: z.string().default(""),
	Tags: z.array(z.string()).nullish(),
	Address: z.string().default(""),
	Port: z.int(),
	ModifyIndex: z.number().optional(),
});

export type Registration = Readonly<z.output<typeof registration>>;

/** Reads an answer of `/v1/service/NAME`. @throws SourceFailed if it is none or has more than `most`, the signal's reason. */
export function readRegistrations(text: string, most: number, signal: AbortSignal): Promise<readonly Registration[]> {
	return readInstances(text, registration, { most, signal });
}

/** The names of services in a namespace. */
interface NamespaceList {
	readonly Services?: unknown;
}

/** Reads an answer of `/v1/services`: the services of one namespace, with their tags. @throws SourceFailed, the signal's reason. */
export async function readServiceList(
	text: string,
	signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
	const namespaces = await readJsonAnswer(text, signal);
	if (!Array.isArray(namespaces)) throw noList();
	const all = namespaces.flatMap((each: NamespaceList | null) => {
		if (!Array.isArray(each?.Services)) throw noList();
		return each.Services as readonly unknown[];
	});
	checkServiceCount(all.length);
	return new Map(
		all.map((each): [string, readonly string[]] => {
			const { ServiceName: name, Tags: tags } = (each ?? {}) as Readonly<Record<string, unknown>>;
			if (typeof name !== "string") throw noList();
			return [name, readTags(name, tags)];
		}),
	);
}

function noList(): SourceFailed {
	return new SourceFailed("the answer is no list of services");
}
