import type { Cluster } from "../../gen/envoy/config/cluster/v3/cluster.js";
import { Audience, GcpAuthnFilterConfig } from "../../gen/envoy/extensions/filters/http/gcp_authn/v3/gcp_authn.js";
import type { Policies } from "../../model/policies/policies.js";

/** Of the filter, and of what it reads in the metadata of a cluster (gRFC A83). */
const NAME = "envoy.filters.http.gcp_authn";
const TYPES = "type.googleapis.com/envoy.extensions.filters.http.gcp_authn.v3";

/** For whom the tokens are: what a client's filter looks for in a cluster. */
export function gcpAudience({ gcpAudience: url }: Policies = {}): Parameters<typeof Cluster.fromPartial>[0] {
	if (!hasAudience(url)) return {};
	const value = Audience.encode(Audience.fromPartial({ url })).finish();
	return { metadata: { typedFilterMetadata: { [NAME]: { typeUrl: `${TYPES}.Audience`, value } } } };
}

/** The filter of gRPC clients; who does not know it goes on without it. */
export const GCP_AUTHN_FILTER = {
	name: NAME,
	typedConfig: {
		typeUrl: `${TYPES}.GcpAuthnFilterConfig`,
		value: GcpAuthnFilterConfig.encode(GcpAuthnFilterConfig.fromPartial({})).finish(),
	},
	isOptional: true,
};

export function hasAudience(url: Policies["gcpAudience"]): url is string {
	return url !== undefined && url !== "off";
}
