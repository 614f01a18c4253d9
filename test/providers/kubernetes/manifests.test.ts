import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deployed } from "../../../lab/kube-access.js";
import type { KubeObject } from "../../../lab/kube-manifest.js";
import { parseConfig } from "../../../src/config/load.js";
import { readKubernetesTarget } from "../../../src/providers/kubernetes/kubernetes-target.js";
import { Registry } from "../../../src/providers/registry.js";

const OPTIONS = { registry: new Registry(), env: {} };

async function object<T>(file: string, kind: string): Promise<KubeObject & T> {
	const found = (await deployed(file)).find((each) => each.kind === kind);
	if (!found) throw new Error(`${file} has no ${kind}`);
	return found as KubeObject & T;
}

interface Deployment {
	readonly spec: {
		readonly template: {
			readonly metadata: { readonly labels: Readonly<Record<string, string>> };
			readonly spec: {
				readonly serviceAccountName: string;
				readonly securityContext: Readonly<Record<string, unknown>>;
				readonly containers: readonly [Container];
			};
		};
	};
}

interface Container {
	readonly args: readonly string[];
	readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
	readonly livenessProbe: unknown;
	readonly readinessProbe: unknown;
	readonly securityContext: unknown;
	readonly volumeMounts: readonly { readonly mountPath: string }[];
}

describe("deploy/kubernetes", () => {
	it("has a config that is valid, listens where the probes and the Service look, and needs what rbac.yaml grants", async () => {
		const { data } = await object<{ data: Record<string, string> }>("deployment.yaml", "ConfigMap");
		const [[name = "", text = ""] = []] = Object.entries(data);
		const { xds, admin, services } = parseConfig(text, name, OPTIONS);
		const { spec } = await object<Deployment>("deployment.yaml", "Deployment");
		const [container] = spec.template.spec.containers;
		const ports = Object.fromEntries(container.ports.map((port) => [port.name, port.containerPort]));
		expect({ xds: xds.listen, health: admin.health }).toEqual({
			xds: { host: "0.0.0.0", port: ports.xds },
			health: { host: "0.0.0.0", port: ports.health },
		});
		// Its API has no authentication.
		expect(admin.listen.host).toBe("127.0.0.1");
		expect(container.args.at(-1)).toBe(`${container.volumeMounts[0]?.mountPath}/${name}`);
		const { metadata } = await object("rbac.yaml", "Role");
		for (const { targets } of services.values()) {
			for (const { target } of targets) {
				expect(readKubernetesTarget(target)).toMatchObject({ namespace: metadata.namespace });
			}
		}
	});

	it("runs as the account that rbac.yaml makes, without any privilege, and is probed", async () => {
		const { spec } = await object<Deployment>("deployment.yaml", "Deployment");
		const account = await object("rbac.yaml", "ServiceAccount");
		const pod = spec.template.spec;
		const [container] = pod.containers;
		expect(pod).toMatchObject({ serviceAccountName: account.metadata.name, securityContext: { runAsNonRoot: true } });
		expect(container).toMatchObject({
			securityContext: {
				allowPrivilegeEscalation: false,
				readOnlyRootFilesystem: true,
				capabilities: { drop: ["ALL"] },
			},
			livenessProbe: { httpGet: { path: "/healthz", port: "health" } },
			readinessProbe: { httpGet: { path: "/readyz", port: "health" } },
		});
		const service = await object<{ spec: unknown }>("service.yaml", "Service");
		expect(service.spec).toMatchObject({
			selector: spec.template.metadata.labels,
			ports: [{ port: 18_000, targetPort: "xds" }],
		});
	});

	it("grants get, list and watch on endpointslices and nothing else", async () => {
		const { rules } = await object<{ rules: unknown }>("rbac.yaml", "Role");
		expect(rules).toEqual([
			{ apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
		]);
	});
});

it("docs/providers/kubernetes.md shows configs that are valid", async () => {
	const page = await readFile(join(import.meta.dirname, "../../../docs/providers/kubernetes.md"), "utf8");
	const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => text);
	expect(blocks.length).toBeGreaterThan(2);
	for (const text of blocks) parseConfig(text, "docs/providers/kubernetes.md", OPTIONS);
});
