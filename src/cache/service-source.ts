import type { ServiceState } from "../catalog/service-state.js";
import type { encodeService } from "../resources/encode-service.js";
import type { EncodedResource } from "../resources/encoded-resource.js";
import type { Steps } from "../util/steps.js";

/** Where the cache reads the services. */
export interface ServiceSource {
	get(name: string): ServiceState | undefined;
	services(): Iterable<ServiceState>;
}

/** Where there is much to encode, in steps. */
export type EncodeService = (...of: Parameters<typeof encodeService>) => EncodedResource | Steps<EncodedResource>;
