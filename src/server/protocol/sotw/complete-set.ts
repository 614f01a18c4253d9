import { type EncodedResource, VersionSum } from "../../../resources/encoded-resource.js";
import type { TypeStream } from "../acks/type-stream.js";
import type { FormerResources } from "./former-resources.js";
import type { SotwNames } from "./sotw-names.js";

export interface CompleteSet {
	readonly resources: EncodedResource[];
	readonly version: string;
}

/**
 * All that a stream subscribes to, and nothing else (R22).
 * @param former what goes out in place of what the client rejects (R7).
 * @param leaving resources that are gone and that the client is to keep until the rest has been
 *   sent (R18).
 */
export function completeSet(
	{ set, nacks }: TypeStream,
	names: SotwNames,
	former: FormerResources,
	leaving: readonly EncodedResource[],
): CompleteSet {
	const wanted = names.all ? [...set.listed()] : thoseOf(names, set);
	const allServed = nacks.size === 0;
	const resources = allServed ? wanted : wanted.flatMap((resource) => servedFor(resource) ?? []);
	for (const resource of leaving) resources.push(resource);
	const asListed = names.all && allServed && leaving.length === 0;
	return { resources, version: asListed ? set.listedVersion : sumOf(resources) };

	function servedFor(resource: EncodedResource): EncodedResource | undefined {
		const { name } = resource;
		if (nacks.isNacked(resource)) return nacks.isProbed(name) ? resource : former.standIn(resource);
		nacks.replaced(name);
		return resource;
	}
}

/** Generated resources in a set: who has more addresses to listen on than this is no server. */
const MAX_GENERATED = 1_024;

/** Of very many names most may not exist. */
function thoseOf(names: SotwNames, set: TypeStream["set"]): EncodedResource[] {
	const resources: EncodedResource[] = [];
	let left = MAX_GENERATED;
	for (const name of names) {
		const isGenerated = !set.holds(name);
		if (isGenerated && left === 0) continue;
		const resource = set.get(name);
		if (!resource) continue;
		resources.push(resource);
		if (isGenerated) left--;
	}
	return resources;
}

/**
 * R19: a set without what nobody knows of yet would take it from the client. Who came without a version is given the set
 * when the sync deadline is over; who was sent one on this stream had nothing of it.
 * @param mayHaveMore whether the client came with a version.
 */
export function isHeld({ set, log }: TypeStream, names: SotwNames, mayHaveMore: boolean): boolean {
	if (set.openness === "closed") return false;
	if (set.openness === "overdue" && (log.sent || !mayHaveMore)) return false;
	if (names.all) return !log.sent;
	for (const name of names) if (set.isAwaited(name)) return true;
	return false;
}

function sumOf(resources: readonly EncodedResource[]): string {
	const sum = new VersionSum();
	for (const resource of resources) sum.add(resource);
	return sum.toString();
}
