import { SourceFailed } from "../../../util/errors.js";
import { ApiError } from "./api-errors.js";
import { readSlice, type Slice } from "./endpoint-slice.js";
import type { KubeConnection } from "./kube-connection.js";
import type { KubernetesTiming } from "./kubernetes-timing.js";

/** Slices a page; Kubernetes' own clients use as many. */
const PAGE = 500;
/** The limit of pages: a longer list is taken for endless. */
const MOST_PAGES = 10_000;

export interface SliceList {
	readonly slices: readonly Slice[];
	/** The resource version to watch from. */
	readonly revision: string;
}

export interface ListOptions {
	readonly namespace: string;
	/** Only the slices of this Service; all of the namespace unless given. */
	readonly service?: string;
	readonly signal: AbortSignal;
	readonly timing: KubernetesTiming;
}

/**
 * Lists EndpointSlices, complete or not at all.
 * @throws SourceFailed; the signal's reason once it fires.
 */
export async function listSlices(connection: KubeConnection, options: ListOptions): Promise<SliceList> {
	try {
		return await listPages(connection, options, PAGE);
	} catch (error) {
		// 410: the list expired between two pages. Without pages that cannot happen.
		if (!(error instanceof ApiError && error.isGone)) throw error;
		return listPages(connection, options, undefined);
	}
}

async function listPages(
	connection: KubeConnection,
	{ namespace, service, signal, timing }: ListOptions,
	limit: number | undefined,
): Promise<SliceList> {
	const what = `list endpointslices.discovery.k8s.io in the namespace "${namespace}"`;
	const slices: Slice[] = [];
	let next: string | undefined;
	for (let pages = 0; pages < MOST_PAGES; pages++) {
		const query = new URLSearchParams();
		if (limit !== undefined) query.set("limit", String(limit));
		if (service !== undefined) query.set("labelSelector", `kubernetes.io/service-name=${service}`);
		if (next !== undefined) query.set("continue", next);
		const answer = await connection.json({
			path: `${slicesPath(namespace)}?${query}`,
			what,
			signal,
			head: timing.head,
			total: timing.page,
		});
		const page = readPage(answer);
		const seenAt = new Date();
		for (const item of page.items) slices.push(readSlice(item, seenAt));
		if (page.next === undefined) return { slices, revision: page.revision };
		if (page.next === next) break;
		next = page.next;
	}
	throw new SourceFailed(`cannot ${what}: the list does not end`);
}

export function slicesPath(namespace: string): string {
	return `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
}

function readPage(answer: unknown): { items: readonly unknown[]; revision: string; next: string | undefined } {
	const { kind, metadata, items } = (answer ?? {}) as {
		kind?: unknown;
		metadata?: { resourceVersion?: unknown; continue?: unknown } | null;
		items?: unknown;
	};
	const revision = metadata?.resourceVersion;
	if (kind !== "EndpointSliceList" || typeof revision !== "string" || revision === "" || !isList(items)) {
		throw new SourceFailed("the API server's answer is not understood: it is no list of EndpointSlices");
	}
	const next = metadata?.continue;
	return { items: items ?? [], revision, next: typeof next === "string" && next !== "" ? next : undefined };
}

/** Go writes an empty list as null. */
function isList(value: unknown): value is readonly unknown[] | null {
	return value === null || Array.isArray(value);
}
