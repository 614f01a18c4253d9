import { messageOf, SourceFailed } from "../../../util/errors.js";
import { ApiError } from "./api-errors.js";
import type { KubeConnection, KubeRequest } from "./kube-connection.js";
import type { KubernetesTiming } from "./kubernetes-timing.js";
import { ListScanner } from "./list-scanner.js";
import { type KubeObject, type ObjectKind, within } from "./object-kind.js";

/** Objects a page; Kubernetes' own clients use as many. */
const PAGE = 500;
/** The limit of a page, in characters. */
const LONGEST_PAGE = 64 << 20;
/** The limit of pages: a longer list is taken for endless. */
const MOST_PAGES = 10_000;

export interface ObjectList<T> {
	readonly objects: readonly T[];
	/** The resource version to watch from. */
	readonly revision: string;
}

export interface ListOptions<T extends KubeObject> {
	readonly kind: ObjectKind<T>;
	/** Undefined: all namespaces. */
	readonly namespace: string | undefined;
	/** Only what belongs to this Service; all of the namespace unless given. */
	readonly service?: string;
	readonly signal: AbortSignal;
	readonly timing: KubernetesTiming;
	/** Called for each object as it arrives; the list may still fail. */
	readonly arrived?: ((object: T) => void) | undefined;
}

/**
 * Lists the objects of a kind, complete or not at all.
 * @throws SourceFailed; the signal's reason once it fires.
 */
export async function listObjects<T extends KubeObject>(
	connection: KubeConnection,
	options: ListOptions<T>,
): Promise<ObjectList<T>> {
	try {
		return await listPages(connection, options, PAGE);
	} catch (error) {
		// 410: the list expired between two pages. Without pages that cannot happen.
		if (!(error instanceof ApiError && error.isGone)) throw error;
		return listPages(connection, options, undefined);
	}
}

async function listPages<T extends KubeObject>(
	connection: KubeConnection,
	{ kind, namespace, service, signal, timing, arrived }: ListOptions<T>,
	limit: number | undefined,
): Promise<ObjectList<T>> {
	const what = `list ${kind.plural} in ${within(namespace)}`;
	const objects: T[] = [];
	const add = (item: unknown) => {
		const object = kind.read(item, new Date(), namespace);
		objects.push(object);
		arrived?.(object);
	};
	let next: string | undefined;
	for (let pages = 0; pages < MOST_PAGES; pages++) {
		const query = new URLSearchParams();
		if (limit !== undefined) query.set("limit", String(limit));
		if (service !== undefined) query.set("labelSelector", `kubernetes.io/service-name=${service}`);
		if (next !== undefined) query.set("continue", next);
		const path = `${kind.path(namespace)}?${query}`;
		const { head, page: total } = timing;
		const request = { path, what, rights: kind.rights, signal, head, total };
		const page = await readPage(connection, request, kind.listKind, add);
		if (page.next === undefined) return { objects, revision: page.revision };
		if (page.next === next) break;
		next = page.next;
	}
	throw new SourceFailed(`cannot ${what}: the list does not end`);
}

interface Page {
	readonly revision: string;
	/** Where the next page begins. */
	readonly next: string | undefined;
}

/** @param add is given the objects of the page, one by one as they come. */
async function readPage(
	connection: KubeConnection,
	request: KubeRequest,
	listKind: string,
	add: (item: unknown) => void,
): Promise<Page> {
	const scanner = new ListScanner();
	let length = 0;
	try {
		for await (const piece of connection.stream(request)) {
			length += piece.length;
			if (length > LONGEST_PAGE) throw new RangeError(`it is longer than ${LONGEST_PAGE} characters`);
			for (const item of scanner.push(piece)) add(JSON.parse(item));
		}
		return pageOf(JSON.parse(scanner.envelope), listKind);
	} catch (cause) {
		if (cause instanceof SourceFailed || request.signal.aborted) throw cause;
		const problem = cause instanceof SyntaxError ? `is not JSON: ${cause.message}` : `is refused: ${messageOf(cause)}`;
		throw new SourceFailed(`cannot ${request.what}: the answer ${problem}`, { cause });
	}
}

/** @param envelope the list without its items. */
function pageOf(envelope: unknown, listKind: string): Page {
	const { kind, metadata, items } = (envelope ?? {}) as {
		kind?: unknown;
		metadata?: { resourceVersion?: unknown; continue?: unknown; remainingItemCount?: unknown } | null;
		items?: unknown;
	};
	const revision = metadata?.resourceVersion;
	if (kind !== listKind || typeof revision !== "string" || revision === "" || !isEmpty(items)) {
		throw new SourceFailed(
			`the API server's answer is not understood: it is not a list of ${listKind.replace(/List$/, "s")}`,
		);
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
