import type { EndpointJson, ServiceDetailJson } from "../../admin/admin-json.js";
import { addressOf } from "../../model/endpoint.js";
import { localityText } from "../../model/locality.js";
import { metadataTexts } from "../../model/metadata.js";
import { ageOf } from "../output/age.js";
import type { TableStyle } from "../output/show.js";
import { stateCell } from "../output/state-colour.js";
import { type Cell, renderTable } from "../output/table.js";

type Item = EndpointJson & Partial<Pick<ServiceDetailJson["items"][number], "share">>;

/** A line an endpoint; with its origin and what else is said of it where there is room. */
export function renderEndpoints(items: readonly Item[], style: TableStyle): string {
	const { wide, now } = style;
	// A control plane knows it; a single look-up does not.
	const hasShares = wide && items.some(({ share }) => share !== undefined);
	const headers = ["ADDRESS", "HEALTH", "WEIGHT", "PRIORITY", ...(hasShares ? ["SHARE"] : []), "LOCALITY"];
	if (wide) headers.push("HOSTNAME", "METADATA", "FROM", "REVISION", "AGE");
	const rows = items.map((item): Cell[] => {
		const { locality, hostname, metadata, origin } = item;
		const row: Cell[] = [
			addressOf(item),
			// Here `unknown` is no trouble: it is what a source without health checks gives.
			item.health === "unknown" ? "unknown" : stateCell(item.health),
			item.weight,
			item.priority,
			...(hasShares ? [shareText(item.share)] : []),
			locality ? localityText(locality) : "",
		];
		if (wide) {
			const from = origin?.object ?? origin?.target ?? "";
			row.push(
				hostname ?? "",
				metadataTexts(metadata ?? {}).join(","),
				from,
				origin?.revision ?? "",
				ageOf(origin?.at ?? null, now),
			);
		}
		return row;
	});
	return renderTable(headers, rows, style);
}

function shareText(share: Item["share"]): string {
	return share ? `${Number((100 * share.envoy).toFixed(2))} %` : "";
}
