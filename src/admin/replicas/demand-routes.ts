import { parseDuration } from "../../util/duration.js";
import { FingerpostError } from "../../util/errors.js";
import type { AdminRequest, AdminRoute } from "../admin-route.js";
import { elements, errorReply, jsonReply, jsonStream, type Reply, withList } from "../reply.js";
import type { DemandSource } from "../zones/demand-source.js";
import { replicaJson } from "../zones/replica-json.js";
import type { ZoneJson } from "../zones/zone-json.js";

/** `GET /api/v1/demand` */
export interface DemandJson {
	readonly replica: string;
	readonly version: number;
	/** What has changed since that version; everything where it is 0. */
	readonly since: number;
	readonly services: readonly {
		readonly name: string;
		/** Empty where nobody asks for it any more. */
		readonly zones: readonly (ZoneJson & { readonly clients: number })[];
	}[];
}

const MAX_WAIT_MS = 25_000;
/** Requests that wait at a time. */
const MAX_WAITING = 256;

let waitingNow = 0;

export const DEMAND_ROUTE: AdminRoute = {
	method: "GET",
	path: "/api/v1/demand",
	summary:
		"how many clients of this replica ask for each service in each zone; ?replica=&since=&wait= what has changed",
	handle: (request) => {
		const { demand } = request.sources;
		return demand ? answer(demand, request) : errorReply(404, "clients are not counted here");
	},
};

/** The same where whoever comes may ask: only while there are replicas that do. */
export const SHARED_DEMAND_ROUTE: AdminRoute = {
	...DEMAND_ROUTE,
	handle: (request) =>
		request.sources.demand?.isShared
			? DEMAND_ROUTE.handle(request)
			: errorReply(404, "there is nobody to tell: the config has no replicas"),
};

export const REPLICAS_ROUTE: AdminRoute = {
	method: "GET",
	path: "/api/v1/replicas",
	summary: "the other replicas: which answer, and how many of their clients count",
	handle: ({ sources }) => {
		const { known = true, replicas = [] } = sources.replicas?.() ?? {};
		return jsonReply(200, { known, replicas: replicas.map(replicaJson) });
	},
};

function answer({ id, own }: DemandSource, { query, turns, signal }: AdminRequest): Reply | Promise<Reply> {
	const { replica, since, wait } = readQuery(query);
	// What is known of another process is nothing of this one.
	const known = replica === id ? since : 0;
	const told = () => {
		const { services, ...versions } = own.changedSince(known);
		const items = elements(services, ([name, zones]): DemandJson["services"][number] => ({ name, zones }));
		return jsonStream(200, withList({ replica: id, ...versions }, "services", items), turns);
	};
	if (wait === 0 || known === 0) return told();
	if (waitingNow >= MAX_WAITING)
		return errorReply(503, `${MAX_WAITING} requests wait already; try again`, {}, { "retry-after": "1" });
	return waited();

	async function waited(): Promise<Reply> {
		const late = new AbortController();
		const timer = setTimeout(() => late.abort(), wait);
		waitingNow++;
		try {
			await own.changed(known, AbortSignal.any([signal, late.signal]));
		} finally {
			waitingNow--;
			clearTimeout(timer);
		}
		return told();
	}
}

function readQuery(query: URLSearchParams) {
	const since = query.get("since") ?? "0";
	if (!/^\d{1,15}$/.test(since)) throw usage("since is the number of a version");
	const wait = parseDuration(query.get("wait") ?? "0s");
	if (wait === undefined || wait > MAX_WAIT_MS) throw usage("wait is a duration such as 20s, of at most 25s");
	return { replica: query.get("replica"), since: Number(since), wait };
}

function usage(message: string): FingerpostError {
	return new FingerpostError("USAGE", message);
}
