import { FingerpostError } from "../../util/errors.js";
import type { AdminRoute } from "../admin-route.js";
import { jsonStream } from "../reply.js";
import { newestChanges } from "./newest-changes.js";
import { overview } from "./overview.js";

const DEFAULT_CHANGES = 50;
const MAX_CHANGES = 1_000;

/** What concerns all services at once. */
export const OVERVIEW_ROUTES: readonly AdminRoute[] = [
	{
		method: "GET",
		path: "/api/v1/overview",
		summary: "what is wrong, the worst first, and services, targets and clients in numbers",
		handle: ({ sources, turns }) => jsonStream(200, overview(sources), turns),
	},
	{
		method: "GET",
		path: "/api/v1/changes",
		summary: "the newest changes of all services, and when the last client had each; ?limit=",
		handle: ({ sources, serviceNames, query, turns }) => {
			const limit = query.get("limit") ?? String(DEFAULT_CHANGES);
			if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_CHANGES)
				throw new FingerpostError("USAGE", `limit is a number from 1 to ${MAX_CHANGES}`);
			return jsonStream(200, newestChanges(sources, serviceNames, Number(limit)), turns);
		},
	},
];
