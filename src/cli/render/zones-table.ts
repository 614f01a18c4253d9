import type { ZoneTrafficJson } from "../../admin/zones/zone-json.js";
import type { TableStyle } from "../output/show.js";
import { type Cell, renderTable } from "../output/table.js";

/** What each zone bears, and where its clients go. */
export function renderZones(zones: readonly ZoneTrafficJson[], style: TableStyle): string {
	const hasPriorities = zones.some(({ priority }) => priority > 0);
	const hasOthers = zones.some(({ clients, allClients = clients }) => allClients !== clients);
	const rows = zones.map((each): Cell[] => [
		zoneText(each) + (hasPriorities ? `, priority ${each.priority}` : ""),
		hasOthers ? `${each.clients} of ${each.allClients}` : String(each.clients),
		percent(each.capacity),
		percent(each.demand),
		each.demand === 0 ? "" : each.to.map((to) => `${zoneText(to)} ${percent(to.share)}`).join(", "),
	]);
	return renderTable(["ZONE", "CLIENTS", "CAPACITY", "DEMAND", "THEY-GO-TO"], rows, style);
}

/** `eu/eu-1a`, or one of both where the other is not named. */
export function zoneText({ region, zone }: { readonly region: string; readonly zone: string }): string {
	return [region, zone].filter((each) => each !== "").join("/");
}

function percent(part: number): string {
	return `${Math.round(part * 100)} %`;
}
