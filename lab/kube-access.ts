import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KubeApi } from "./kube-api.js";
import { collectionOf, type KubeObject, readManifest } from "./kube-manifest.js";

const DEPLOY = join(import.meta.dirname, "../deploy/kubernetes");

/** The objects of a file in deploy/kubernetes. */
export async function deployed(file: string): Promise<KubeObject[]> {
	return readManifest(await readFile(join(DEPLOY, file), "utf8"));
}

/**
 * Does what deploy/kubernetes/rbac.yaml does for the namespace `shop` for this one: Fingerpost's service account may
 * read its EndpointSlices.
 */
export async function grantSlices(api: KubeApi, namespace: string): Promise<void> {
	for (const object of await deployed("rbac.yaml")) {
		if (object.kind === "ServiceAccount") continue;
		await createObject(api, { ...object, metadata: { ...object.metadata, namespace } });
	}
}

/** @throws Error if the API server refuses it, or does not know one of its fields. */
export async function createObject(api: KubeApi, object: KubeObject, { dryRun = false } = {}): Promise<void> {
	await api.call("POST", `${collectionOf(object)}?fieldValidation=Strict${dryRun ? "&dryRun=All" : ""}`, object);
}

/** A token of Fingerpost's service account, as the kubelet gets it for a pod; it is void once the Secret is deleted. */
export async function fingerpostToken(api: KubeApi, secret: string): Promise<string> {
	const home = "/api/v1/namespaces/fingerpost";
	const metadata = { name: secret };
	const { metadata: made } = (await api.call("POST", `${home}/secrets`, { metadata })) as { metadata: { uid: string } };
	const { status } = (await api.call("POST", `${home}/serviceaccounts/fingerpost/token`, {
		apiVersion: "authentication.k8s.io/v1",
		kind: "TokenRequest",
		spec: { boundObjectRef: { apiVersion: "v1", kind: "Secret", name: secret, uid: made.uid } },
	})) as { status: { token: string } };
	return status.token;
}

export async function voidToken(api: KubeApi, secret: string): Promise<void> {
	await api.call("DELETE", `/api/v1/namespaces/fingerpost/secrets/${secret}`);
}

/** The requests for EndpointSlices that the API server has counted itself since it started; watches when they end. */
export async function countedRequests(api: KubeApi, verb: "LIST" | "WATCH"): Promise<number> {
	const metrics = await api.text("/metrics");
	const lines = metrics.split("\n").filter((line) => line.startsWith("apiserver_request_total{"));
	return lines
		.filter((line) => line.includes('resource="endpointslices"') && line.includes(`verb="${verb}"`))
		.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
