import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startHttpBackend } from "../../lab/backends.js";
import { Consul } from "../../lab/consul.js";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { FakeConsul } from "../../lab/fake-consul.js";
import { FakeKubeApi } from "../../lab/fake-kube-api.js";
import { burst, Load } from "../../lab/load.js";
import { serverBinary } from "../../lab/server-binary.js";
import { type SliceParts, sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";

const FOLDER = join(import.meta.dirname, "../../examples/traffic");

/** An example of the folder, with these in place of its variables. */
async function example(file: string, variables: Readonly<Record<string, string>>): Promise<string> {
	const text = await readFile(join(FOLDER, file), "utf8");
	return text.replace(/\$\{(\w+):-[^}]*\}/g, (_, name: string) => variables[name] ?? `no ${name}`);
}

/** Pods of loopback addresses, which a real API server refuses. */
function slice(service: string, ...addresses: readonly string[]) {
	const port = addresses[0]?.split(":")[1] ?? "80";
	const parts: SliceParts = { ports: [`http:${port}`], endpoints: addresses.map((each) => each.replace(/:.*$/, "")) };
	return sliceObject(service, parts);
}

/** A real one where there is one, with one instance of `web`. */
async function startConsul(address: string): Promise<Consul | FakeConsul> {
	if (serverBinary("consul")) {
		const consul = await Consul.start();
		await consul.put({ service: "web", port: Number(address.split(":")[1]) });
		return consul;
	}
	const consul = await FakeConsul.start();
	consul.set("web", address);
	return consul;
}

describeEnvoys("the examples of traffic between targets", (which) => {
	it("canary: a tenth of the requests, whatever the number of pods, and follows another weight", async () => {
		await using api = await FakeKubeApi.start();
		// Nine pods of one Service at other addresses of the same machine.
		await using owned = new AsyncDisposableStack();
		const first = owned.use(await startHttpBackend("canary", { host: "127.0.0.11" }));
		const port = Number(first.address.split(":")[1]);
		const canaries = [first.address];
		for (let i = 12; i < 15; i++) {
			canaries.push(owned.use(await startHttpBackend("canary", { host: `127.0.0.${i}`, port })).address);
		}
		const config = await example("canary.yaml", { KUBE_SERVER: api.url });
		await using lab = await EnvoyLab.start({ which, config: () => ({ services: {} }) });
		const { envoy, fingerpost, a } = lab;
		api.put(slice("web", a));
		api.put(slice("web-canary", ...canaries));
		await fingerpost.writeConfig(config);
		await envoy.waitForHosts("web", [a, ...canaries]);
		await using load = new Load({ url: envoy.ingress, service: "web", rate: 50 });
		const share = async () => {
			const { ok, failures, byBackend } = await burst(envoy.ingress, "web", 3_000);
			expect({ ok, failures }).toEqual({ ok: 3_000, failures: [] });
			return (byBackend.canary ?? 0) / 3_000;
		};
		expect(Math.abs((await share()) - 0.1)).toBeLessThan(0.01);
		api.put(slice("web-canary", ...canaries.slice(0, 1)));
		await envoy.waitForHosts("web", [a, canaries[0] as string]);
		expect(Math.abs((await share()) - 0.1)).toBeLessThan(0.01);
		await fingerpost.writeConfig(config.replace("weight: 90", "weight: 60").replace("weight: 10", "weight: 40"));
		await waitUntil("Envoy has another weight", async () => {
			const [one, other] = ((await envoy.clusters()).web ?? []).map(({ weight }) => weight).sort((x, y) => x - y);
			return Math.abs((one ?? 0) / ((one ?? 0) + (other ?? 1)) - 0.4) < 0.001;
		});
		expect(Math.abs((await share()) - 0.4)).toBeLessThan(0.01);
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
	});

	it("migration: three reloads, and what differs is told before", async () => {
		await using api = await FakeKubeApi.start();
		await using lab = await EnvoyLab.start({ which, config: () => ({ services: {} }) });
		const { envoy, fingerpost, a, b } = lab;
		api.put(slice("web", b));
		await using consul = await startConsul(a);
		const variables = { KUBE_SERVER: api.url, CONSUL_HTTP_ADDR: consul.url };
		await fingerpost.writeConfig(await example("migration-1-compare.yaml", variables));
		await envoy.waitForHosts("web", [a]);
		await using load = new Load({ url: envoy.ingress, service: "web", rate: 100 });
		await waitUntil("the difference is told", async () => {
			const { compare } = await fingerpost.api<{ compare: { missing: unknown; extra: unknown } | null }>(
				"/services/web",
			);
			return JSON.stringify([compare?.missing, compare?.extra]) === JSON.stringify([[a], [b]]);
		});
		expect(await burst(envoy.ingress, "web", 20)).toMatchObject({ byBackend: { a: 20 } });
		await fingerpost.writeConfig(await example("migration-2-both.yaml", variables));
		await envoy.waitForHosts("web", [a, b]);
		const { byBackend } = await burst(envoy.ingress, "web", 1_000);
		expect(Math.abs((byBackend.b ?? 0) / 1_000 - 0.5)).toBeLessThan(0.01);
		await fingerpost.writeConfig(await example("migration-3-new.yaml", variables));
		await envoy.waitForHosts("web", [b]);
		expect(await burst(envoy.ingress, "web", 20)).toMatchObject({ byBackend: { b: 20 } });
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
		expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
	});

	it("failover: to the other cluster when no pod is left here, and back", async () => {
		await using here = await FakeKubeApi.start();
		await using there = await FakeKubeApi.start();
		const config = await example("failover.yaml", { KUBE_SERVER: here.url, KUBE_SERVER_EU: there.url });
		await using lab = await EnvoyLab.start({ which, config: () => ({ services: {} }) });
		const { envoy, fingerpost, a, b } = lab;
		here.put(slice("web", a));
		there.put(slice("web", b));
		await fingerpost.writeConfig(config);
		await envoy.waitForHosts("web", [a, b]);
		await using load = new Load({ url: envoy.ingress, service: "web", rate: 100 });
		expect(await burst(envoy.ingress, "web", 20)).toMatchObject({ byBackend: { a: 20 } });
		here.put(slice("web"));
		await envoy.waitForHosts("web", [b]);
		expect(await burst(envoy.ingress, "web", 20)).toMatchObject({ byBackend: { b: 20 } });
		here.put(slice("web", a));
		await envoy.waitForHosts("web", [a, b]);
		expect(await burst(envoy.ingress, "web", 20)).toMatchObject({ byBackend: { a: 20 } });
		expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
	});
});
