import { parseAllDocuments } from "yaml";

/** An object of a manifest, of which only this much is known. */
export interface KubeObject {
	readonly kind: string;
	readonly apiVersion: string;
	readonly metadata: { readonly name: string; readonly namespace: string };
	readonly [key: string]: unknown;
}

const RESOURCES: Readonly<Record<string, string>> = {
	ServiceAccount: "serviceaccounts",
	ConfigMap: "configmaps",
	Service: "services",
	Deployment: "deployments",
	Role: "roles",
	RoleBinding: "rolebindings",
	NetworkPolicy: "networkpolicies",
};

/** The objects of a manifest. @throws Error if it is no YAML */
export function readManifest(text: string): KubeObject[] {
	return parseAllDocuments(text).map((document) => {
		const [error] = document.errors;
		if (error) throw error;
		return document.toJS() as KubeObject;
	});
}

/** Where such objects are created. */
export function collectionOf({ kind, apiVersion, metadata }: KubeObject): string {
	const resource = RESOURCES[kind];
	if (resource === undefined) throw new Error(`objects of the kind ${kind} are not expected here`);
	const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
	return `${root}/namespaces/${metadata.namespace}/${resource}`;
}
