import { AgentClient } from "../blocking/query/agent-client.js";
import type { Asking, BlockingSource, Reply, ServiceReply, ServicesReply } from "../blocking/query/blocking-source.js";
import type { HttpClient } from "../http-client/http-client.js";
import { type Registration, readRegistrations, readServiceList } from "./registration.js";

/** The two calls of Nomad's HTTP API. */
export class NomadClient implements BlockingSource<Registration> {
	readonly name = "Nomad";
	/** It answers with that of the whole table, whichever service has changed. */
	readonly ownIndexes = false;
	readonly #agent: AgentClient;

	constructor(http: HttpClient, address: string) {
		this.#agent = new AgentClient(http, {
			address,
			indexHeader: "X-Nomad-Index",
			api: "the HTTP API of Nomad",
			rights: "check the token and its rights: read-job in the namespace",
		});
	}

	get address(): string {
		return this.#agent.address;
	}

	hold(): () => void {
		return this.#agent.hold();
	}

	async service(
		service: string,
		{ most, ...asking }: Asking & { readonly most: number },
		signal: AbortSignal,
	): Promise<ServiceReply<Registration>> {
		const { body, ...reply } = await this.#query(`/v1/service/${encodeURIComponent(service)}`, asking, signal);
		return { ...reply, entries: await readRegistrations(body, most, signal) };
	}

	async services(asking: Asking, signal: AbortSignal): Promise<ServicesReply> {
		const { body, ...reply } = await this.#query("/v1/services", asking, signal);
		return { ...reply, services: await readServiceList(body, signal) };
	}

	nodeOf({ NodeID }: Registration): string {
		return NodeID;
	}

	async #query(path: string, asking: Asking, signal: AbortSignal): Promise<Reply & { readonly body: string }> {
		const { body, index, header } = await this.#agent.query(path, asking, signal);
		// Who may not read a namespace is told so: 403.
		return { body, index, filtered: false, denies: false, leaderless: header("x-nomad-knownleader") === "false" };
	}
}
