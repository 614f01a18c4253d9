import { messageOf, SourceFailed } from "../../../util/errors.js";
import { apiError, ConnectionFailed } from "./api-errors.js";
import type { KubeConnection } from "./kube-connection.js";
import type { KubernetesTiming } from "./kubernetes-timing.js";
import { LineSplitter } from "./line-splitter.js";
import { LONGEST_ITEM, nestsDeep } from "./list-scanner.js";
import { type KubeObject, type ObjectKind, within } from "./object-kind.js";

/** A watch that ends at most this much early has run its full time. */
const EARLY_MS = 500;

export interface WatchObserver<T> {
	/** The server has accepted the watch. */
	opened(): void;
	changed(object: T): void;
	deleted(object: T): void;
	/** Everything up to this resource version has been told. */
	reached(revision: string): void;
	/** All changes that arrived together have been told. */
	pause(): void;
}

export interface WatchOptions<T extends KubeObject> {
	readonly kind: ObjectKind<T>;
	/** Undefined: all namespaces. */
	readonly namespace: string | undefined;
	/** The resource version to watch from. */
	readonly revision: string;
	readonly signal: AbortSignal;
	readonly timing: KubernetesTiming;
}

/**
 * Runs one watch until the server ends it. The request has a time-out, so that a dead connection is
 * noticed.
 * @returns whether the watch ran for its full time.
 * @throws ApiError with the status 410 if the revision is too old; SourceFailed; the signal's
 *   reason once it fires.
 */
export async function watchObjects<T extends KubeObject>(
	connection: KubeConnection,
	observer: WatchObserver<T>,
	{ kind, namespace, revision, signal, timing }: WatchOptions<T>,
): Promise<boolean> {
	const [least, most] = timing.watch;
	const seconds = Math.max(1, Math.round((least + Math.random() * (most - least)) / 1_000));
	const query = new URLSearchParams({
		watch: "true",
		allowWatchBookmarks: "true",
		resourceVersion: revision,
		timeoutSeconds: String(seconds),
	});
	const what = `watch ${kind.plural} in ${within(namespace)}`;
	const lines = new LineSplitter(LONGEST_ITEM);
	const request = {
		path: `${kind.path(namespace)}?${query}`,
		what,
		rights: kind.rights,
		signal,
		head: timing.head,
		total: seconds * 1_000 + timing.overtime,
	};
	const begun = performance.now();
	for await (const piece of connection.stream(request, () => observer.opened())) {
		for (const line of splitted(lines, piece, what)) readEvent(line, observer, { kind, what, namespace });
		observer.pause();
	}
	if (lines.rest.trim() !== "") throw new ConnectionFailed(`cannot ${what}: the answer ended within a line`);
	return performance.now() - begun > seconds * 1_000 - EARLY_MS;
}

function splitted(lines: LineSplitter, piece: string, what: string): string[] {
	try {
		return lines.push(piece);
	} catch (cause) {
		throw new SourceFailed(`cannot ${what}: ${messageOf(cause)}`, { cause });
	}
}

function readEvent<T extends KubeObject>(
	line: string,
	observer: WatchObserver<T>,
	{ kind, what, namespace }: Pick<WatchOptions<T>, "kind" | "namespace"> & { readonly what: string },
): void {
	const { type, object } = parse(line, what);
	switch (type) {
		case "ADDED":
		case "MODIFIED": {
			const changed = kind.read(object, new Date(), namespace);
			observer.changed(changed);
			observer.reached(changed.revision);
			return;
		}
		case "DELETED": {
			const deleted = kind.read(object, new Date(), namespace);
			observer.deleted(deleted);
			observer.reached(deleted.revision);
			return;
		}
		case "BOOKMARK": {
			const revision = (object as { metadata?: { resourceVersion?: unknown } } | null)?.metadata?.resourceVersion;
			if (typeof revision !== "string" || revision === "") break;
			observer.reached(revision);
			return;
		}
		case "ERROR": {
			const code = (object as { code?: unknown } | null)?.code;
			throw apiError(typeof code === "number" ? code : 500, object, { what, rights: kind.rights });
		}
	}
	throw new SourceFailed(`cannot ${what}: an event of the type ${JSON.stringify(type)} is not understood`);
}

function parse(line: string, what: string): { type?: unknown; object?: unknown } {
	if (nestsDeep(line)) throw new SourceFailed(`cannot ${what}: a line nests too deep to be an event`);
	try {
		const event: unknown = JSON.parse(line);
		if (typeof event === "object" && event !== null) return event;
	} catch (cause) {
		throw new SourceFailed(`cannot ${what}: a line is not JSON: ${messageOf(cause)}`, { cause });
	}
	throw new SourceFailed(`cannot ${what}: a line is not an event`);
}
