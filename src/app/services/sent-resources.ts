import type { SentResource, SentSources } from "../../admin/sent/sent-resource.js";
import type { Cache } from "../../cache/cache.js";
import type { Catalog } from "../../catalog/catalog.js";
import type { ServiceState } from "../../catalog/service-state.js";
import { encodeServiceInSteps } from "../../resources/encode-service.js";
import { EncodedResource } from "../../resources/encoded-resource.js";
import type { ResourceType } from "../../resources/resource-type.js";
import { RESOURCE_TYPES } from "../../resources/resource-types.js";
import { maxResourceBytes } from "../../resources/response-size.js";
import { familyOfView, PLAIN_VIEWS, type View } from "../../resources/view.js";
import type { XdsServer } from "../../server/xds-server.js";
import { messageOf } from "../../util/errors.js";

interface Parts {
	readonly catalog: Catalog;
	readonly cache: Cache;
	readonly xds: () => XdsServer;
}

/** What a service becomes for the clients of each view: what they use is taken as it is, what nobody uses is encoded. */
export function sentResources({ catalog, cache, xds }: Parts): SentSources {
	return {
		views: () => [...new Set([...PLAIN_VIEWS, ...cache.viewsInUse()])],
		viewsOf(node) {
			const views = new Set<View>();
			for (const { nodeId, view } of xds().streams) if (nodeId === node) views.add(view);
			return [...views];
		},
		async of(name, wants) {
			// The descriptors take a tenth of a second to load.
			const { resourcePieces } = await import("../../server/rest/json-pieces.js");
			return (function* () {
				for (const { view, type } of wants) {
					const service = catalog.get(name);
					const row = RESOURCE_TYPES.find(({ id }) => id === type);
					if (!service || !row?.ofService) continue;
					const about = { type: row.id, typeUrl: row.url, name, view, family: familyOfView(view) };
					const used = cache.inUse(row.id, view, name);
					const { resource, problem = null } = used ? { resource: used } : yield* encoded(row, view, service);
					yield {
						...{ ...about, isInUse: used !== undefined, problem },
						version: resource?.version ?? null,
						bytes: resource?.value.byteLength ?? null,
						pieces: () => (resource ? resourcePieces(row.url, resource.value) : ["null"]),
					} satisfies SentResource;
				}
			})();
		},
	};
}

interface Made {
	readonly resource?: EncodedResource;
	readonly problem?: SentResource["problem"];
}

/** What a client of the view would get if it asked now, or why it would get nothing. */
function* encoded(type: ResourceType, view: View, service: ServiceState): Generator<"", Made> {
	const { definition, endpoints, known } = service;
	const why = type.ofService?.withheld?.(definition, view);
	if (why !== undefined) return { problem: { reason: "withheld", message: why } };
	if (type.ofService?.madeOf === "endpoints" && !known)
		return { problem: { reason: "unknown", message: "its sources have not answered yet: clients wait for it" } };
	let resource: EncodedResource;
	try {
		const making = encodeServiceInSteps(type, view, definition, endpoints);
		resource = making instanceof EncodedResource ? making : yield* inSteps(making);
	} catch (error) {
		return { problem: { reason: "withheld", message: `it cannot be encoded: ${messageOf(error)}` } };
	}
	if (resource.value.byteLength <= maxResourceBytes(view)) return { resource };
	const message = `it has ${resource.value.byteLength} bytes, and these clients receive no more than ${maxResourceBytes(view)} at a time`;
	return { problem: { reason: "tooLarge", message } };
}

function* inSteps<T>(steps: Generator<undefined, T>): Generator<"", T> {
	for (;;) {
		const { done, value } = steps.next();
		if (done) return value;
		yield "";
	}
}
