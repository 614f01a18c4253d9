import type { Policies } from "../../model/policies/policies.js";

/**
 * Who shares an Envoy's requests out among localities. `endpoints`: nobody, each endpoint has what it weighs among all of
 * its priority. `weights`: the localities' weights do, and within one its endpoints.
 */
export type LocalityDistribution = "endpoints" | "weights";

/** What holds for an Envoy; the weights of localities that it gets are the sums of its endpoints'. */
export function localityDistribution(policies: Policies | undefined): LocalityDistribution {
	const policy = policies?.loadBalancing?.policy;
	// These do not go by what endpoints weigh.
	return policy === "random" || policy === "client_side_weighted_round_robin" ? "weights" : "endpoints";
}
