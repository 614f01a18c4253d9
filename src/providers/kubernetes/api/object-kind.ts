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
	/** The path of those of a namespace. */
	path(namespace: string): string;
	/** @throws SourceFailed if the value is no such object. */
	read(value: unknown, seenAt: Date): T;
}
