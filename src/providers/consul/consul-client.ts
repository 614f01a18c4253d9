import { SourceFailed } from "../../util/errors.js";
import { AgentClient } from "../blocking/query/agent-client.js";
import type {
	Asking,
	BlockingSource,
	ChecksReply,
	Parameters,
	Reply,
	ServiceReply,
	ServicesReply,
} from "../blocking/query/blocking-source.js";
import { checkServiceCount, readJsonAnswer, readTags } from "../blocking/query/read-services.js";
import type { HttpClient } from "../http-client/http-client.js";
import { readBody } from "../http-client/read-body.js";
import { readFailingChecks } from "./failing-checks.js";
import { type HealthEntry, readHealthEntries } from "./health-entry.js";

/** Bytes of an answer that says yes or no. */
const MAX_SMALL = 65_536;

export interface ConsulClientOptions {
	readonly address: string;
	readonly hasToken: boolean;
}

/** The few calls of Consul's HTTP API. */
export class ConsulClient implements BlockingSource<HealthEntry> {
	readonly name = "Consul";
	readonly ownIndexes = true;
	readonly #agent: AgentClient;
	readonly #hasToken: boolean;

	constructor(http: HttpClient, { address, hasToken }: ConsulClientOptions) {
		this.#agent = new AgentClient(http, {
			address,
			indexHeader: "X-Consul-Index",
			api: "the HTTP API of Consul",
			rights: "check the token and its rights: service:read and node:read",
		});
		this.#hasToken = hasToken;
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
	): Promise<ServiceReply<HealthEntry>> {
		const path = `/v1/health/service/${encodeURIComponent(service)}`;
		const { body, ...reply } = await this.#query(path, asking, signal);
		return { ...reply, entries: await readHealthEntries(body, most, signal) };
	}

	async services(asking: Asking, signal: AbortSignal): Promise<ServicesReply> {
		const { body, ...reply } = await this.#query("/v1/catalog/services", asking, signal);
		const read = await readJsonAnswer(body, signal);
		if (typeof read !== "object" || read === null || Array.isArray(read)) {
			throw new SourceFailed("the answer is no list of services");
		}
		const all = Object.entries(read);
		checkServiceCount(all.length);
		return { ...reply, services: new Map(all.map(([name, tags]) => [name, readTags(name, tags)])) };
	}

	async checks({ parameters, ...blocking }: Asking, signal: AbortSignal): Promise<ChecksReply> {
		const asking = { ...blocking, parameters: { ...parameters, filter: 'Status != "passing"' } };
		const { body, ...reply } = await this.#query("/v1/health/state/any", asking, signal);
		return { ...reply, failing: await readFailingChecks(body, signal) };
	}

	nodeOf({ Node }: HealthEntry): string {
		return Node.Node;
	}

	rightsFor(service: string): string {
		return `allow service:read on "${service}" and node:read on its nodes`;
	}

	async datacenter(signal: AbortSignal): Promise<string | undefined> {
		const response = await this.#agent.ask("/v1/catalog/datacenters", {}, signal);
		if (response.statusCode !== 200) throw await this.#agent.refused(response);
		// The nearest comes first: its own.
		const [first] = JSON.parse(await readBody(response, MAX_SMALL)) as readonly unknown[];
		return typeof first === "string" ? first : undefined;
	}

	/** @param parameters of which the datacenter, namespace and partition count: an empty answer does not say it. */
	async mayRead(service: string, { dc, ns, partition }: Parameters, signal: AbortSignal): Promise<boolean | undefined> {
		const asked = [{ Resource: "service", Access: "read", Segment: service, Namespace: ns, Partition: partition }];
		// With a token the filtered header tells what else is missing; without one it never comes.
		const more = this.#hasToken ? [] : [{ Resource: "node", Access: "read", Segment: "" }];
		const question = { parameters: { dc }, method: "POST", body: JSON.stringify([...asked, ...more]) } as const;
		const response = await this.#agent.ask("/v1/internal/acl/authorize", question, signal);
		// 401: ACLs are off. 404: the agent does not know the question.
		if (response.statusCode === 401 || response.statusCode === 404) {
			response.destroy();
			return response.statusCode === 401 ? true : undefined;
		}
		if (response.statusCode !== 200) throw await this.#agent.refused(response);
		return isAllowed(await readBody(response, MAX_SMALL));
	}

	async #query(path: string, asking: Asking, signal: AbortSignal): Promise<Reply & { readonly body: string }> {
		const { body, index, header } = await this.#agent.query(path, asking, signal);
		return {
			body,
			index,
			filtered: header("x-consul-results-filtered-by-acls") === "true",
			// The agent's own copy, which it keeps by streaming, never says so.
			leaderless: header("x-consul-knownleader") === "false" && header("x-consul-query-backend") !== "streaming",
			// ACLs are on, and deny what is not allowed.
			denies: header("x-consul-default-acl-policy") !== "allow",
		};
	}
}

/** @throws SourceFailed if it is no list of what is allowed. */
function isAllowed(text: string): boolean {
	try {
		const answers = JSON.parse(text) as readonly { readonly Allow: unknown }[];
		return answers.length > 0 && answers.every(({ Allow }) => Allow === true);
	} catch (cause) {
		throw new SourceFailed("it does not say whether the token may read the service", { cause });
	}
}
