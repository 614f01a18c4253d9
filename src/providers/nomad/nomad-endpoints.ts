import { endpoint } from "../../model/endpoint.js";
import { canonicalAddress } from "../../model/endpoint-address.js";
import type { EndpointsRead } from "../blocking/query/blocking-source.js";
import { type ServiceTarget, taggedEntries } from "../blocking/service-target.js";
import { metadataOf, weightOf } from "../labels.js";
import type { Registration } from "./registration.js";

/** The endpoints of those instances that have the target's tags. @throws SourceFailed if there are more than `most`. */
export function nomadEndpoints(entries: readonly Registration[], target: ServiceTarget, most: number): EndpointsRead {
	const tagsOf = ({ Tags }: Registration) => Tags;
	const { tagged, notes } = taggedEntries(entries, target, { source: "Nomad", most, tagsOf });
	const at = new Date();
	const endpoints = tagged.flatMap(({ ID, Address, Port, Datacenter, Tags, ModifyIndex }) => {
		if (Address === "" || Port === 0) {
			notes.push(`${ID} is left out: it has no ${Address === "" ? "address" : "port"}`);
			return [];
		}
		const labels = labelsOf(Tags ?? []);
		const weight = weightOf(labels, "tag");
		if (typeof weight === "string") notes.push(`${ID}: ${weight}`);
		const metadata = { ...(Datacenter !== "" && { datacenter: Datacenter }), ...metadataOf(labels) };
		return endpoint({
			address: canonicalAddress(Address),
			port: Port,
			// A registration says nothing of checks: it is there as long as its allocation runs.
			health: "unknown",
			...(typeof weight === "number" && { weight }),
			...(Object.keys(metadata).length > 0 && { metadata }),
			origin: {
				...{ target: target.text, object: ID, at },
				...(ModifyIndex !== undefined && { revision: String(ModifyIndex) }),
			},
		});
	});
	return { endpoints, notes };
}

/** Tags of the form `KEY=VALUE`. */
function labelsOf(tags: readonly string[]): Readonly<Record<string, string>> {
	return Object.fromEntries(
		tags.flatMap((tag) => {
			const [, key, value = ""] = /^([^=]+)=(.*)$/s.exec(tag) ?? [];
			return key === undefined ? [] : [[key, value]];
		}),
	);
}
