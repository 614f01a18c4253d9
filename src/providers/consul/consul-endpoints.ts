import { DEFAULT_WEIGHT, endpoint, type Health, MAX_WEIGHT } from "../../model/endpoint.js";
import { canonicalAddress } from "../../model/endpoint-address.js";
import type { EndpointsRead } from "../blocking/query/blocking-source.js";
import { type ServiceTarget, taggedEntries } from "../blocking/service-target.js";
import type { ConsulOptions } from "./consul-options.js";
import type { HealthEntry } from "./health-entry.js";

/** Checks of these ids are critical while a node or an instance is in maintenance. */
const MAINTENANCE = /^_(node_maintenance$|service_maintenance:)/;

/** The endpoints of those instances that have the target's tags. @throws SourceFailed if there are more than `most`. */
export function consulEndpoints(
	entries: readonly HealthEntry[],
	target: ServiceTarget,
	{ warning, most }: Pick<ConsulOptions, "warning"> & { readonly most: number },
): EndpointsRead {
	const tagsOf = ({ Service: { Tags } }: HealthEntry) => Tags;
	const { tagged, notes } = taggedEntries(entries, target, { source: "Consul", most, tagsOf });
	const unweighted = entries.every(isUnweighted);
	const at = new Date();
	const endpoints = tagged.flatMap((entry) => {
		const { Node, Service, Checks } = entry;
		const address = Service.Address || Node.Address;
		const object = `${Node.Node}/${Service.ID}`;
		if (address === "" || Service.Port === 0) {
			notes.push(`${object} is left out: it has no ${address === "" ? "address" : "port"}`);
			return [];
		}
		const status = statusOf(Checks ?? []);
		const { Region = "", Zone = "" } = Service.Locality ?? Node.Locality ?? {};
		const { Passing = 1, Warning = 1 } = Service.Weights ?? {};
		const metadata = Service.Meta ?? {};
		return endpoint({
			address: canonicalAddress(address),
			port: Service.Port,
			health: status === "warning" ? warning : HEALTH[status],
			// All have the weight that Consul gives where nobody gives one: full shares.
			weight: unweighted ? DEFAULT_WEIGHT : Math.min(MAX_WEIGHT, status === "warning" ? Warning : Passing),
			locality: { region: Region, zone: Zone, subZone: "" },
			...(Object.keys(metadata).length === 0 ? {} : { metadata }),
			origin: {
				target: target.text,
				object,
				...(Service.ModifyIndex === undefined ? {} : { revision: String(Service.ModifyIndex) }),
				at,
			},
		});
	});
	return { endpoints, notes };
}

type Status = "passing" | "warning" | "critical" | "maintenance";

const HEALTH: Readonly<Record<Exclude<Status, "warning">, Health>> = {
	passing: "healthy",
	critical: "unhealthy",
	maintenance: "draining",
};

/** The worst of the node's and the instance's checks; maintenance counts most, whatever the others say. */
function statusOf(checks: readonly { readonly CheckID: string; readonly Status: string }[]): Status {
	if (checks.some(({ CheckID, Status }) => MAINTENANCE.test(CheckID) && Status !== "passing")) return "maintenance";
	if (checks.some(({ Status }) => Status !== "passing" && Status !== "warning")) return "critical";
	return checks.some(({ Status }) => Status === "warning") ? "warning" : "passing";
}

function isUnweighted({ Service: { Weights } }: HealthEntry): boolean {
	return !Weights || (Weights.Passing === 1 && Weights.Warning === 1);
}
