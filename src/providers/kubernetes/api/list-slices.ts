import { messageOf, SourceFailed } from "../../../util/errors.js";
import { ApiError } from "./api-errors.js";
import { readSlice, type Slice } from "./endpoint-slice.js";
import type { KubeConnection, KubeRequest } from "./kube-connection.js";
import type { KubernetesTiming } from "./kubernetes-timing.js";
import { ListScanner } from "./list-scanner.js";

/** Slices a page; Kubernetes' own clients use as many. */
const PAGE = 500;
/** The limit of a page, in characters. */
const LONGEST_PAGE = 64 << 20;
/** The limit of pages: a longer list is taken for endless. */
const MOST_PAGES = 10_000;

export interface SliceList {
	readonly slices: readonly Slice[];
	/** The resource version to watch from. */
	readonly revision: string;
}

export interface ListOptions {
	/** Undefined: all namespaces. */
	readonly namespace: string | undefined;
	/** Only the slices of this Service; all of the namespace unless given. */
	readonly service?: string;
	readonly signal: AbortSignal;
	readonly timing: KubernetesTiming;
	/** Called for each slice as it arrives; the list may still fail. */
	readonly arrived?: ((slice: Slice) => void) | undefined;
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
	{ namespace, service, signal, timing, arrived }: ListOptions,
	limit: number | undefined,
): Promise<SliceList> {
	const what = `list ${slicesIn(namespace)}`;
	const slices: Slice[] = [];
	const add = (item: unknown) => {
		const slice = readSlice(item, new Date(), namespace);
		slices.push(slice);
		arrived?.(slice);
	};
	let next: string | undefined;
	for (let pages = 0; pages < MOST_PAGES; pages++) {
		const query = new URLSearchParams();
		if (limit !== undefined) query.set("limit", String(limit));
		if (service !== undefined) query.set("labelSelector", `kubernetes.io/service-name=${service}`);
		if (next !== undefined) query.set("continue", next);
		const request = { path: `${slicesPath(namespace)}?${query}`, what, signal, head: timing.head, total: timing.page };
		const page = await readPage(connection, request, add);
		if (page.next === undefined) return { slices, revision: page.revision };
		if (page.next === next) break;
		next = page.next;
	}
	throw new SourceFailed(`cannot ${what}: the list does not end`);
}

/** @param namespace undefined for all. */
export function slicesPath(namespace: string | undefined): string {
	const within = namespace === undefined ? "" : `namespaces/${namespace}/`;
	return `/apis/discovery.k8s.io/v1/${within}endpointslices`;
}

/** For messages. */
export function slicesIn(namespace: string | undefined): string {
	return `endpointslices.discovery.k8s.io in ${namespace === undefined ? "all namespaces" : `the namespace "${namespace}"`}`;
}

interface Page {
	readonly revision: string;
	/** Where the next page begins. */
	readonly next: string | undefined;
}

/** @param add is given the items of the page, one by one as they come. */
async function readPage(connection: KubeConnection, request: KubeRequest, add: (item: unknown) => void): Promise<Page> {
	const scanner = new ListScanner();
	let length = 0;
	try {
		for await (const piece of connection.stream(request)) {
			length += piece.length;
			if (length > LONGEST_PAGE) throw new RangeError(`it is longer than ${LONGEST_PAGE} characters`);
			for (const item of scanner.push(piece)) add(JSON.parse(item));
		}
		return pageOf(JSON.parse(scanner.envelope));
	} catch (cause) {
		if (cause instanceof SourceFailed || request.signal.aborted) throw cause;
		const problem = cause instanceof SyntaxError ? `is not JSON: ${cause.message}` : `is refused: ${messageOf(cause)}`;
		throw new SourceFailed(`cannot ${request.what}: the answer ${problem}`, { cause });
	}
}

/** @param envelope the list without its items. */
function pageOf(envelope: unknown): Page {
	const { kind, metadata, items } = (envelope ?? {}) as {
		kind?: unknown;
		metadata?: { resourceVersion?: unknown; continue?: unknown; remainingItemCount?: unknown } | null;
		items?: unknown;
	};
	const revision = metadata?.resourceVersion;
	if (kind !== "EndpointSliceList" || typeof revision !== "string" || revision === "" || !isEmpty(items)) {
		throw new SourceFailed("the API server's answer is not understood: it is not a list of EndpointSlices");
	}
	const next = metadata?.continue;
	if (typeof next === "string" && next !== "") return { revision, next };
	const left = metadata?.remainingItemCount;
	if (typeof left === "number" && left > 0) {
		throw new SourceFailed(`the API server's list is cut: it lacks ${left} items and does not say where they are`);
	}
	return { revision, next: undefined };
}

/** What is no object was left in the list. Go writes an empty one as null. */
function isEmpty(value: unknown): boolean {
	return value === null || (Array.isArray(value) && value.length === 0);
}
