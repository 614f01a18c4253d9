import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { KubernetesProvider } from "../../../src/providers/kubernetes/kubernetes-provider.js";
import { tempFolder } from "../../util/temp-folder.js";
import { kubernetesProvider, options, QUICK, watching } from "./watching.js";

const target = parseTarget("k8s:///shop/web");
const { signal } = new AbortController();

let api: FakeKubeApi;
let folder: Awaited<ReturnType<typeof tempFolder>>;

beforeEach(async () => {
	api = await FakeKubeApi.start();
	folder = await tempFolder();
	api.put(sliceObject("web", { endpoints: ["10.0.0.1"] }));
});

afterEach(async () => {
	await api[Symbol.asyncDispose]();
	await folder[Symbol.asyncDispose]();
});

/** As Kubernetes swaps a mounted secret. */
async function write(name: string, content: string): Promise<string> {
	await writeFile(folder.file(`${name}.new`), content);
	await rename(folder.file(`${name}.new`), folder.file(name));
	return folder.file(name);
}

/** A kubeconfig with the contexts `main`, `second` and `broken`, and this user. */
function kubeconfig(user: Readonly<Record<string, unknown>>, current = "main"): Promise<string> {
	const config = {
		apiVersion: "v1",
		kind: "Config",
		"current-context": current,
		clusters: [{ name: "lab", cluster: { server: `${api.url}/` } }],
		users: [
			{ name: "other", user: { token: "other" } },
			{ name: "user", user },
		],
		contexts: [
			{ name: "main", context: { cluster: "lab", user: "user" } },
			{ name: "second", context: { cluster: "lab", user: "other" } },
			{ name: "broken", context: { cluster: "none", user: "user" } },
		],
	};
	return write("config", JSON.stringify(config));
}

const tokens = () => api.requests.map(({ token }) => token);

async function discover(given: Readonly<Record<string, unknown>>): Promise<string[]> {
	const found = await new KubernetesProvider(options({ insecure: true, ...given }), { timing: QUICK }).discover(
		target,
		{ signal },
	);
	return found.map(({ address }) => address);
}

describe("credentials", () => {
	it("are a token, a token's file or none", async () => {
		const tokenFile = await write("token", "from-file\n");
		for (const given of [{ token: "given" }, { tokenFile }, {}]) {
			expect(await discover({ server: `${api.url}/`, ...given })).toEqual(["10.0.0.1"]);
		}
		expect(tokens()).toEqual(["given", "from-file", undefined]);
	});

	it("are read again after a 401, and a new token is used at once", async () => {
		api.token = "first";
		const tokenFile = await write("token", "first");
		using watched = watching(kubernetesProvider(api.url, { tokenFile }), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.token = "second";
		await write("token", "second\n");
		api.endWatches();
		await waitUntil("it is watched again", () => api.open === 1);
		expect(tokens()).toEqual(["first", "first", "first", "second"]);
		expect(watched.told.all).toEqual(["10.0.0.1:80"]);
	});

	it("that are refused are told, and tried again with what the file says then; there is no busy loop", async () => {
		api.token = "first";
		const tokenFile = await write("token", "first");
		using watched = watching(kubernetesProvider(api.url, { tokenFile }), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.token = "second";
		api.endWatches("break");
		const begun = performance.now();
		await waitUntil("the time is over", () => performance.now() - begun > 500 && api.requests.length > 3);
		expect(api.requests.length).toBeLessThan((40 * (performance.now() - begun)) / 500);
		expect(watched.told.last).toMatch(
			/^!cannot watch .* "shop": the API server does not accept the credentials \(said 401\); check the token or the kubeconfig/,
		);
		await write("token", "second");
		await waitUntil("it is confirmed", () => watched.told.last === "10.0.0.1:80");
		expect(api.count("list")).toBe(1);
	});

	it("from files are read again when they are old, without a 401", async () => {
		const tokenFile = await write("token", "first");
		using watched = watching(kubernetesProvider(api.url, { tokenFile }, { credentials: 100 }), "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		await write("token", "second");
		const begun = performance.now();
		await waitUntil("the first is old", () => performance.now() - begun > 120);
		api.endWatches();
		await waitUntil("it is watched again", () => api.count("watch") === 2);
		expect(tokens().at(-1)).toBe("second");
		expect(watched.told.all).toEqual(["10.0.0.1:80"]);
	});

	it("without a right are told with the right, until it is granted", async () => {
		let granted = false;
		api.react = () => (granted ? undefined : { status: 403 });
		using watched = watching(kubernetesProvider(api.url), "k8s:///shop/web");
		await waitUntil("it is refused often", () => api.requests.length > 3);
		expect(new Set(watched.told.all)).toEqual(
			new Set([
				'!list endpointslices.discovery.k8s.io in the namespace "shop" is forbidden: grant get, list and watch on endpointslices in the apiGroup discovery.k8s.io, as deploy/kubernetes/rbac.yaml does (said 403)',
			]),
		);
		granted = true;
		await waitUntil("it is told", () => watched.told.last === "10.0.0.1:80");
	});
});

describe("a kubeconfig", () => {
	it("names the server and the user, by its current context or another", async () => {
		const file = await kubeconfig({ token: "mine" });
		expect(await discover({ kubeconfig: file })).toEqual(["10.0.0.1"]);
		expect(await discover({ kubeconfig: file, context: "second" })).toEqual(["10.0.0.1"]);
		expect(tokens()).toEqual(["mine", "other"]);
	});

	it("may name a token's file, which wins and is read again after a 401", async () => {
		api.token = "first";
		await write("user-token", "first\n");
		const file = await kubeconfig({ token: "ignored", tokenFile: "user-token" });
		const it = new KubernetesProvider(options({ kubeconfig: file, insecure: true }), { timing: QUICK });
		using watched = watching(it, "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.token = "second";
		await write("user-token", "second\n");
		api.endWatches();
		await waitUntil("it is watched again", () => api.open === 1);
		expect(tokens()).toEqual(["first", "first", "first", "second"]);
		expect(watched.told.all).toEqual(["10.0.0.1:80"]);
	});

	it("may have a token's file as a pod has it", async () => {
		const tokenFile = await write("pod-token", "from-pod\n");
		const file = await kubeconfig({ "auth-provider": { name: "tokenFile", config: { tokenFile } } });
		expect(await discover({ kubeconfig: file })).toEqual(["10.0.0.1"]);
		expect(tokens()).toEqual(["from-pod"]);
	});

	it("may name a plug-in, which is asked again only after a 401", async () => {
		await write("count", "");
		await write("token", "first");
		const plugin = await write(
			"plugin",
			`#!/bin/sh
echo x >> ${folder.file("count")}
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat ${folder.file("token")})"
`,
		);
		await chmod(plugin, 0o755);
		const exec = { apiVersion: "client.authentication.k8s.io/v1", command: plugin, interactiveMode: "Never" };
		const file = await kubeconfig({ exec });
		api.token = "first";
		const it = new KubernetesProvider(options({ kubeconfig: file, insecure: true }), {
			timing: { ...QUICK, credentials: 1 },
		});
		using watched = watching(it, "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		api.token = "second";
		await write("token", "second");
		api.endWatches();
		await waitUntil("it is watched again", () => api.open === 1);
		expect(tokens()).toEqual(["first", "first", "first", "second"]);
		expect(watched.told.all).toEqual(["10.0.0.1:80"]);
		expect(await readFile(folder.file("count"), "utf8")).toBe("x\nx\n");
	});

	it.each([
		[{ context: "none" }, 'has no context "none" with a cluster; contexts: main, second, broken'],
		[{ context: "broken" }, 'has no context "broken" with a cluster; contexts: main, second, broken'],
		[{ kubeconfig: "/none/config" }, "the kubeconfig /none/config cannot be read: ENOENT"],
	])("that has no %j is told", async (given, problem) => {
		const file = await kubeconfig({ token: "mine" });
		await expect(discover({ kubeconfig: file, ...given })).rejects.toThrow(problem);
	});

	it("that is no YAML, and a token's file that is missing or empty, are told", async () => {
		const broken = await write("broken", "a: [");
		await expect(discover({ kubeconfig: broken })).rejects.toThrow(
			`the kubeconfig cannot be read: ${broken}:1:4 this [ is not closed`,
		);
		const missing = folder.file("missing");
		await expect(discover({ server: api.url, tokenFile: missing })).rejects.toThrow(
			"the tokenFile cannot be read: ENOENT",
		);
		const file = await kubeconfig({ tokenFile: missing });
		await expect(discover({ kubeconfig: file })).rejects.toThrow("the tokenFile cannot be read: ENOENT");
		const empty = await write("empty", "\n");
		await expect(discover({ server: api.url, tokenFile: empty })).rejects.toThrow("is empty");
		expect(api.requests).toEqual([]);
	});

	it("is read again without a change of cluster: whoever changes its current context means something else", async () => {
		const file = await kubeconfig({ token: "mine" });
		const timing = { ...QUICK, credentials: 1 };
		const it = new KubernetesProvider(options({ kubeconfig: file, insecure: true }), { timing });
		using watched = watching(it, "k8s:///shop/web");
		await waitUntil("it is watched", () => api.open === 1);
		await kubeconfig({ token: "new" }, "second");
		api.endWatches();
		await waitUntil("it is watched again", () => api.count("watch") === 2);
		expect(tokens()).toEqual(["mine", "mine", "new"]);
		expect(watched.told.all).toEqual(["10.0.0.1:80"]);
	});

	it("that is mended is taken", async () => {
		const file = await kubeconfig({ token: "mine" });
		const moved = folder.file("moved");
		await rename(file, moved);
		using watched = watching(
			new KubernetesProvider(options({ kubeconfig: file, insecure: true }), { timing: QUICK }),
			"k8s:///shop/web",
		);
		await waitUntil("it has failed often", () => watched.told.all.length > 2);
		expect(watched.told.last).toMatch(/^!the kubeconfig .* cannot be read/);
		await rename(moved, file);
		await waitUntil("it is told", () => watched.told.last === "10.0.0.1:80");
	});
});
