import { type ClientJson, endpointJson, type ServiceDetailJson, serviceJson } from "../../src/admin/admin-json.js";
import { endpointShares } from "../../src/admin/endpoint-shares.js";
import { clientList } from "../../src/admin/lists/client-list.js";
import type { ServiceState } from "../../src/catalog/service-state.js";
import type { ClientStatus } from "../../src/server/protocol/client-status.js";
import { FakeSources } from "./fake-sources.js";

/** A client as the admin API shows it. */
export function clientJson(client: ClientStatus): ClientJson {
	const sources = new FakeSources();
	sources.connected = [client];
	const text = [...clientList(sources, new URLSearchParams())].join("");
	return (JSON.parse(text) as { clients: [ClientJson] }).clients[0];
}

/** A service as the admin API shows it by its name. */
export function serviceDetailJson(
	service: ServiceState,
	versionOf: (name: string) => string,
	problems: Parameters<typeof serviceJson>[2] = [],
): ServiceDetailJson {
	return {
		...serviceJson(service, versionOf, problems),
		clients: null,
		zones: null,
		items: service.endpoints.map((e) => ({
			...endpointJson(e),
			share: endpointShares(service.endpoints)(e),
			held: false,
		})),
	};
}
