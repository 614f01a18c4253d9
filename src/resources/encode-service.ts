import type { Endpoint } from "../model/endpoint.js";
import type { ServiceDefinition } from "../model/service.js";
import type { Steps } from "../util/steps.js";
import { EncodedResource } from "./encoded-resource.js";
import { ADS } from "./messages/config-source.js";
import type { ResourceType, ServiceParts } from "./resource-type.js";
import type { View } from "./view.js";

/** More endpoints are encoded in steps. */
const LARGE = 4_096;

/**
 * The `source` is the same stream unless given. Nothing is copied unless `known` is given. A `plan` is of the clients'
 * zone.
 */
export type EncodeOptions = Partial<Pick<ServiceParts, "source" | "known" | "plan">>;

/**
 * What a service becomes for the clients of a view.
 * @param type one of which services have resources.
 * @param endpoints in canonical order, each address once.
 * @throws TypeError for another type.
 */
export function encodeService(
	type: ResourceType,
	view: View,
	definition: ServiceDefinition,
	endpoints: readonly Endpoint[],
	{ source = ADS, known, plan }: EncodeOptions = {},
): EncodedResource {
	const { id, url, ofService } = type;
	if (!ofService) throw new TypeError(`no service has a resource of the type ${id}`);
	return new EncodedResource(
		url,
		definition.name,
		ofService.encode({ view, definition, endpoints, source, known, plan }),
	);
}

/**
 * As encodeService(); for a service with many endpoints in steps.
 * @throws TypeError as encodeService()
 */
export function encodeServiceInSteps(
	type: ResourceType,
	view: View,
	definition: ServiceDefinition,
	endpoints: readonly Endpoint[],
	options: EncodeOptions = {},
): EncodedResource | Steps<EncodedResource> {
	const inSteps = endpoints.length > LARGE ? type.ofService?.encodeInSteps : undefined;
	if (!inSteps) return encodeService(type, view, definition, endpoints, options);
	const { source = ADS, known, plan } = options;
	return resourceOf(type.url, definition.name, inSteps({ view, definition, endpoints, source, known, plan }));
}

function* resourceOf(url: string, name: string, encoding: Steps<Uint8Array>): Steps<EncodedResource> {
	const value = yield* encoding;
	yield;
	return new EncodedResource(url, name, value);
}
