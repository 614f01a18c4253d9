import type { ResourceSet } from "../../cache/resource-set.js";
import { type EncodedResource, VersionSum } from "../../resources/encoded-resource.js";
import { placeholderOf } from "../../resources/placeholder.js";
import { isGone, standInFor } from "../protocol/rules/awaited.js";
import type { RestRequest } from "./rest-request.js";

/** What a poll comes to. */
export type RestAnswer =
	| { readonly kind: "resources"; readonly version: string; readonly resources: readonly EncodedResource[] }
	/** The client has what there is, or has rejected it: 304. */
	| { readonly kind: "unchanged"; readonly version: string }
	/** Nothing is known yet of what it asks for: 503, to be asked again. */
	| { readonly kind: "unknown" };

/**
 * Answers a poll (R39) from the request and the resources alone: no state is kept of the client.
 * The version of an answer is a hash of its resources, and its nonce is the same text. A client
 * that sends it back has seen the content, so it is not sent again, even if the client rejected it
 * (R7).
 */
export function answerPoll(set: ResourceSet, request: RestRequest): RestAnswer {
	const { resources, awaited, version, isOpen } = wantedBy(set, request);
	const seen = version === request.version || version === request.nonce;
	// A NACK without a nonce does not say what it rejects. The next poll gets what there is by then.
	if (seen || (request.error && request.nonce === "")) return { kind: "unchanged", version };
	// R19: what nobody knows of yet may be missing in what a wildcard stands for.
	if (isOpen && request.version !== "") return { kind: "unchanged", version: request.version };
	if (isOpen && set.openness === "open") return { kind: "unknown" };
	// R19: what is unknown is neither absent nor empty. A client that has something of it keeps that.
	if (awaited && resources.length === 0)
		return request.version === "" ? { kind: "unknown" } : { kind: "unchanged", version };
	return { kind: "resources", version, resources };
}

function placeholderFor(set: ResourceSet, name: string, hasNothing: boolean): EncodedResource | undefined {
	return isGone(set, name) ? placeholderOf(set.type, name) : standInFor(set, name, () => hasNothing);
}

interface Wanted {
	readonly resources: readonly EncodedResource[];
	readonly awaited: boolean;
	readonly version: string;
	/** Whether there may be more that nobody knows of yet. */
	readonly isOpen: boolean;
}

function wantedBy(set: ResourceSet, request: RestRequest): Wanted {
	const { type } = set;
	const names = new Set(request.names);
	const star = names.delete("*");
	const wildcard = type.wildcard && (star || request.names.length === 0);
	const resources = new Map<string, EncodedResource>();
	if (wildcard) for (const resource of set.listed()) resources.set(resource.name, resource);
	let awaited = false;
	for (const name of names) {
		const resource = set.get(name) ?? placeholderFor(set, name, request.version === "");
		if (resource) resources.set(name, resource);
		else if (!isGone(set, name)) awaited = true;
	}
	const isOpen = wildcard && set.type.listed && set.openness !== "closed";
	const all = { resources: [...resources.values()], awaited, isOpen };
	if (wildcard && names.size === 0) return { ...all, version: set.listedVersion };
	const sum = new VersionSum();
	for (const resource of resources.values()) sum.add(resource);
	return { ...all, version: sum.toString() };
}
