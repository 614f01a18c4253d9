import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { describeKubeApi, KubeApi } from "../../lab/kube-api.js";
import { type KubeObject, readManifest } from "../../lab/kube-manifest.js";
import { describeServers, serverBinary } from "../../lab/server-binary.js";
import { parseConfig } from "../../src/config/load.js";
import { Registry } from "../../src/providers/registry.js";
import { tempFolder } from "../util/temp-folder.js";

const run = promisify(execFile);
const DEPLOY = join(import.meta.dirname, "../../deploy");
const CHART = join(DEPLOY, "helm/fingerpost");
const VALUES = ["insecure", "all"] as const;
const valuesFile = (name: string) => join(CHART, `ci/${name}-values.yaml`);

const helm = (...args: readonly string[]) => run(serverBinary("helm") ?? "helm", args);

/** What the chart makes of the values. */
async function rendered(...values: readonly string[]): Promise<KubeObject[]> {
	const options = ["--namespace", "discovery", ...values.flatMap((path) => ["--values", path])];
	return objects((await helm("template", "fingerpost", CHART, ...options)).stdout);
}

function objects(text: string): KubeObject[] {
	return readManifest(text).filter((object) => object !== null);
}

function configOf(manifest: readonly KubeObject[]): string {
	const map = manifest.find(({ kind }) => kind === "ConfigMap") as { data?: Record<string, string> } | undefined;
	return map?.data?.["fingerpost.yaml"] ?? "";
}

describeServers(["helm"], "deploy/helm/fingerpost", () => {
	it.each(VALUES)("has nothing that helm lint finds fault with, by ci/%s-values.yaml", async (name) => {
		const { stdout } = await helm("lint", "--strict", CHART, "-f", valuesFile(name));
		expect(stdout).toContain("1 chart(s) linted, 0 chart(s) failed");
	});

	it("refuses values that its schema does not know, by helm too", async () => {
		const wrong = ["template", "fingerpost", CHART, "-f", valuesFile("insecure"), "--set", "replica=3"];
		await expect(helm(...wrong)).rejects.toThrow("replica");
	});

	it("is packed as the release does it", async () => {
		await using folder = await tempFolder();
		const { stdout } = await helm("package", CHART, "--destination", folder.path);
		const [, path = ""] = /saved it to: (.*)/.exec(stdout) ?? [];
		expect(path).toMatch(/fingerpost-\d+\.\d+\.\d+\.tgz$/);
		expect((await helm("show", "chart", path)).stdout).toContain("name: fingerpost");
	});

	it.each(VALUES)("makes a config that is valid of the values in ci/%s-values.yaml", async (name) => {
		const text = configOf(await rendered(valuesFile(name)));
		const { xds, admin } = parseConfig(text, name, { registry: new Registry(), env: {} });
		const expected = name === "all" ? [15_010, 15_020] : [18_000, 18_003];
		expect([xds.listen.port, admin.health?.port]).toEqual(expected);
	});

	it("does not leave open whether xDS is in clear", async () => {
		await expect(rendered()).rejects.toThrow("set xds.tls.secretName, or xds.insecure=true");
	});

	it("keeps state in a volume of each replica's own where it is asked to", async () => {
		const kinds = async (name: string) => (await rendered(valuesFile(name))).map(({ kind }) => kind);
		expect(await kinds("insecure")).toEqual(expect.arrayContaining(["Deployment", "NetworkPolicy", "Role"]));
		const all = await kinds("all");
		expect(all).toEqual(expect.arrayContaining(["StatefulSet", "ServiceMonitor", "ClusterRole"]));
		expect(all).not.toContain("Role");
	});
});

describe("the values of the chart", () => {
	it("are those of its schema, each with a valid default", async () => {
		const schema = JSON.parse(await readFile(join(CHART, "values.schema.json"), "utf8"));
		const defaults = parse(await readFile(join(CHART, "values.yaml"), "utf8"));
		expect(keysOf(defaults, schema)).toEqual([]);
		const valid = z.fromJSONSchema(schema);
		for (const values of [
			defaults,
			...(await Promise.all(VALUES.map(async (n) => parse(await readFile(valuesFile(n), "utf8"))))),
		])
			expect(valid.safeParse(values).error?.issues).toBeUndefined();
		expect(valid.safeParse({ ...defaults, replica: 3 }).success).toBe(false);
		expect(valid.safeParse({ ...defaults, xds: { port: "18000" } }).success).toBe(false);
	});

	it("have the version of the package", async () => {
		const { version } = JSON.parse(await readFile(join(DEPLOY, "../package.json"), "utf8"));
		const chart = parse(await readFile(join(CHART, "Chart.yaml"), "utf8"));
		expect([chart.version, chart.appVersion]).toEqual([version, version]);
	});
});

interface Schema {
	readonly properties?: Readonly<Record<string, Schema>>;
}

/** Keys that only one of the two has. */
function keysOf(values: Readonly<Record<string, unknown>>, { properties }: Schema, path = ""): string[] {
	if (!properties) return [];
	const names = new Set([...Object.keys(values), ...Object.keys(properties)].filter((name) => name !== "global"));
	return [...names].flatMap((name) => {
		const [value, inner] = [values[name], properties[name]];
		if (value === undefined || inner === undefined) return [`${path}${name}`];
		return inner.properties ? keysOf(value as Record<string, unknown>, inner, `${path}${name}.`) : [];
	});
}

describeKubeApi("the manifests at a real API server", () => {
	describeServers(["kubectl", "helm"], "by kubectl and helm", () => {
		let api: KubeApi;
		let folder: Awaited<ReturnType<typeof tempFolder>>;

		beforeAll(async () => {
			folder = await tempFolder();
			api = await KubeApi.start();
			await writeFile(folder.file("kubeconfig"), api.adminKubeconfig);
			for (const name of ["fingerpost", "shop", "platform", "payments", "discovery"]) await api.createNamespace(name);
		});

		afterAll(async () => {
			await api?.[Symbol.asyncDispose]();
			await folder?.[Symbol.asyncDispose]();
		});

		/** What the API server would make of it. What needs the Prometheus operator is left out: its types are not there. */
		async function accepted(manifest: readonly KubeObject[]): Promise<string[]> {
			const known = manifest.filter(({ apiVersion }) => !apiVersion.startsWith("monitoring.coreos.com/"));
			await writeFile(folder.file("all.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: known }));
			const kubeconfig = ["--kubeconfig", folder.file("kubeconfig")];
			const options = ["--server-side", "--dry-run=server", "--validate=strict", "-o", "name"];
			const { stdout } = await run("kubectl", [...kubeconfig, "apply", ...options, "-f", folder.file("all.json")]);
			const names = stdout.trim().split("\n");
			expect(names.length).toBe(known.length);
			return names;
		}

		const kustomized = async (path: string) =>
			objects((await run("kubectl", ["kustomize", join(DEPLOY, path)])).stdout);

		it("are accepted as `kubectl apply -k deploy/kubernetes` sends them", async () => {
			const names = await accepted(await kustomized("kubernetes"));
			expect(names).toEqual(
				expect.arrayContaining([
					"namespace/fingerpost",
					"poddisruptionbudget.policy/fingerpost",
					"deployment.apps/fingerpost",
				]),
			);
		});

		it("have the image and the namespaces that deploy/kubernetes-overlay sets", async () => {
			const made = await kustomized("kubernetes-overlay");
			await accepted(made);
			const text = JSON.stringify(made);
			expect(text).toContain('"image":"registry.example.com/platform/fingerpost:0.1.0"');
			const namespaces = new Set(made.flatMap(({ metadata }) => metadata.namespace ?? []));
			expect([...namespaces].sort()).toEqual(["payments", "platform"]);
			expect(made.find(({ kind }) => kind === "RoleBinding")).toMatchObject({ subjects: [{ namespace: "platform" }] });
			parseConfig(configOf(made), "overlay", { registry: new Registry(), env: {} });
		});

		it.each(VALUES)("are accepted as the chart makes them of ci/%s-values.yaml", async (name) => {
			await accepted(await rendered(valuesFile(name)));
		});

		it("are installed, upgraded and taken away again by helm", async () => {
			const at = ["fingerpost", "--namespace", "discovery", "--kubeconfig", folder.file("kubeconfig")];
			const values = ["-f", valuesFile("insecure")];
			const { stdout } = await helm("install", ...at.slice(0, 1), CHART, ...at.slice(1), ...values);
			expect(stdout).toContain("STATUS: deployed");
			await helm("upgrade", ...at.slice(0, 1), CHART, ...at.slice(1), ...values, "--set", "replicas=4");
			const get = ["--kubeconfig", folder.file("kubeconfig"), "-n", "discovery", "get", "deployment", "-o"];
			expect((await run("kubectl", [...get, "jsonpath={.items[*].spec.replicas}"])).stdout).toBe("4");
			await helm("uninstall", ...at);
			expect((await run("kubectl", [...get, "name"])).stdout).toBe("");
		});

		it.each([
			"kubernetes/options/service-monitor.yaml",
			"kubernetes/options/rbac-pods.yaml",
			"envoy/sidecar.yaml",
			"envoy/daemonset.yaml",
		])("are accepted in deploy/%s", async (path) => {
			await accepted(objects(await readFile(join(DEPLOY, path), "utf8")));
		});

		it("would be refused with a field that is none", async () => {
			const [, ...others] = await kustomized("kubernetes");
			const wrong = others.map((object) => (object.kind === "Deployment" ? { ...object, spek: {} } : object));
			await expect(accepted(wrong)).rejects.toThrow("spek");
		});
	});
});
