import type { View } from "../view.js";

/**
 * Who shares an Envoy's requests out among localities. `endpoints`: nobody, each endpoint has what it weighs among all of
 * its priority. `weights`: the localities' weights do, and within one its endpoints.
 */
export type LocalityDistribution = "endpoints" | "weights";

/** What holds for an Envoy; the weights of localities that it gets are the sums of its endpoints'. */
export function localityDistribution(_view: View): LocalityDistribution {
	return "endpoints";
}
