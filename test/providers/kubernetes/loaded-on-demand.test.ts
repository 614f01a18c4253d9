import { expect, it, vi } from "vitest";
import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { waitUntil } from "../../../lab/wait-until.js";
import { parseTarget } from "../../../src/model/target.js";
import { kubernetesKind } from "../../../src/providers/kubernetes/kubernetes-kind.js";
import { watching } from "./watching.js";

const loaded = vi.hoisted(() => ({ times: 0 }));

vi.mock("@kubernetes/client-node", async (original) => {
	loaded.times++;
	return await original();
});

it("the client library is loaded when a target is watched, not before", async () => {
	await using api = await FakeKubeApi.start();
	const provider = kubernetesKind.create(kubernetesKind.options.parse({ server: api.url }));
	expect(kubernetesKind.check(parseTarget("k8s:///shop/web"))).toBeUndefined();
	expect(kubernetesKind.unavailable?.()).toBeUndefined();
	provider.refresh?.(parseTarget("k8s:///shop/web"));
	using refused = watching(provider, "k8s:///shop");
	await waitUntil("it is refused", () => refused.told.last?.startsWith("!"));
	expect(loaded.times).toBe(0);
	using watched = watching(provider, "k8s:///shop/web");
	await waitUntil("it is told", () => watched.told.last === "");
	expect(loaded.times).toBe(1);
});
