/** What every object of Kubernetes has that is followed here. */
export interface KubeObject {
	readonly name: string;
	/** Its resourceVersion: a decimal number as text, greater for what is newer. */
	readonly revision: string;
}

/** A kind of object that can be listed and watched in a namespace. */
export interface ObjectKind<T extends KubeObject> {
	/** As in messages: `endpointslices.discovery.k8s.io`. */
	readonly plural: string;
	/** The `kind` of a list. */
	readonly listKind: string;
	/** Which rights are needed, after "grant". */
	readonly rights: string;
	/** The path of those of a namespace; undefined for all namespaces. */
	path(namespace: string | undefined): string;
	/**
	 * @param namespace the one that was asked for; undefined for all.
	 * @throws SourceFailed if the value is no such object.
	 */
	read(value: unknown, seenAt: Date, namespace: string | undefined): T;
}

/** For messages. */
export function within(namespace: string | undefined): string {
	return namespace === undefined ? "all namespaces" : `the namespace "${namespace}"`;
}

/** The part of a path that says of which namespace objects are. */
export function namespacePath(namespace: string | undefined): string {
	return namespace === undefined ? "" : `namespaces/${namespace}/`;
}
