import { expect, it } from "vitest";
import { describeEnvoys } from "../../lab/describe-envoys.js";
import { EnvoyLab } from "../../lab/envoy-lab.js";
import { FakeKubeApi, type FakeRequest, type Reaction } from "../../lab/fake-kube-api.js";
import { GrpcXdsClient } from "../../lab/grpc-xds-client.js";
import { describeKubeApi } from "../../lab/kube-api.js";
import { KubeLab } from "../../lab/kube-lab.js";
import { Load } from "../../lab/load.js";
import { sliceObject } from "../../lab/slice-object.js";
import { waitUntil } from "../../lab/wait-until.js";

/** What an API server does once its watches were broken off; each service has a server of its own. */
const FAILURES: Readonly<Record<string, (request: FakeRequest) => Reaction>> = {
	"error-500": () => ({ status: 500 }),
	"half-line": () => ({ raw: '{"type":"MODIFIED","object":{"kind":"EndpointSli', after: "break" }),
	"stalled-list": ({ kind }) =>
		kind === "watch" ? { status: 410 } : { raw: '{"kind":"EndpointSliceList","metadata":{', after: "stay" },
	"closes-at-once": () => ({ raw: "", after: "end" }),
	forbidden: () => ({ status: 403 }),
	silent: () => ({ silent: true }),
	garbage: () => ({ raw: "this is not JSON\n", after: "end" }),
	gone: () => ({ status: 410 }),
};

/** The API server of a cluster takes no loopback addresses, but this one has no opinion. */
function slice(address: string) {
	const [host = "", port = ""] = address.split(":");
	return sliceObject("web", { ports: [`http:${port}`], endpoints: [host] });
}

describeEnvoys(
	"Kubernetes that fails under load",
	(which) => {
		it("costs no request; what is held at 2 s and at 20 s is the last answer, and no server is asked in a loop", async () => {
			const names = Object.keys(FAILURES);
			await using owned = new AsyncDisposableStack();
			const apis = new Map<string, FakeKubeApi>();
			for (const name of names) apis.set(name, owned.use(await FakeKubeApi.start()));
			await using lab = await EnvoyLab.start({
				which,
				config: ({ a }) => {
					for (const api of apis.values()) api.put(slice(a));
					const entries = [...apis];
					return {
						providers: Object.fromEntries(
							entries.map(([name, { url }]) => [name, { type: "kubernetes", server: url }]),
						),
						services: Object.fromEntries(names.map((name) => [name, `${name}:///shop/web:http`])),
					};
				},
			});
			const { envoy, fingerpost, a, b } = lab;
			const loads = names.map((name) => new Load({ url: envoy.ingress, service: name, rate: 30 }));
			await waitUntil("all loads run", () => loads.every((load) => load.result.ok >= 20));

			for (const [name, api] of apis) {
				api.react = (request) => FAILURES[name]?.(request);
				api.endWatches("break");
			}
			const failingSince = performance.now();
			const heldAt = async (seconds: number) => {
				await waitUntil(`${seconds} s are over`, () => performance.now() - failingSince >= seconds * 1_000);
				const clusters = await envoy.clusters();
				return Object.fromEntries(names.map((name) => [name, clusters[name]?.map(({ address }) => address).join()]));
			};
			const held = Object.fromEntries(names.map((name) => [name, a]));
			expect(await heldAt(2)).toEqual(held);
			expect(await heldAt(20)).toEqual(held);
			await waitUntil("all are stale", async () =>
				(await fingerpost.services()).every(({ state }) => state === "stale"),
			);
			for (const [name, api] of apis) expect(api.requests.length, name).toBeLessThan(40);

			for (const api of apis.values()) {
				api.put(slice(b));
				api.react = () => undefined;
			}
			// The longest back-off, and a list that is given up after 30 s.
			for (const name of names) await envoy.waitForHosts(name, [b], 120_000);
			for (const load of loads) expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
			expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
		}, 300_000);
	},
	{ versions: ["1.40.0"], modes: ["delta"] },
);

describeKubeApi("a real API server", () => {
	describeEnvoys(
		"through to Envoy",
		(which) => {
			it("brings slices, conditions and removals to a real Envoy and a gRPC client; both keep what they have while it is killed", async () => {
				await using kube = await KubeLab.start();
				const pods = (...endpoints: readonly string[]) =>
					kube.api.put(sliceObject("web", { ports: ["http:8080"], endpoints }));
				await pods("10.0.0.1", "10.0.0.2");
				const { port, caFile } = kube.api;
				await using lab = await EnvoyLab.start({
					which,
					config: ({ a }) => ({
						providers: { kubernetes: { server: `https://127.0.0.1:${port}`, caFile, token: kube.token } },
						services: { web: "k8s:///shop/web:http", steady: { endpoints: [a] } },
					}),
				});
				const { envoy, fingerpost } = lab;
				await using load = new Load({ url: envoy.ingress, service: "steady", rate: 100 });
				await using client = new GrpcXdsClient({ port: fingerpost.xdsPort });
				void client.calls("web", 1, 1, 500).catch(() => {});
				await envoy.waitForHosts("web", ["10.0.0.1:8080", "10.0.0.2:8080"]);

				await pods("10.0.0.1 !ready serving terminating", "10.0.0.2 !ready", "10.0.0.3");
				await envoy.waitForHosts("web", ["10.0.0.1:8080", "10.0.0.3:8080"]);
				const health = (await envoy.clusters()).web?.map((host) => `${host.address} ${host.health}`);
				expect(health?.sort()).toEqual(["10.0.0.1:8080 DRAINING", "10.0.0.3:8080 HEALTHY"]);

				await kube.api.stop();
				await waitUntil("the service is stale", async () => (await fingerpost.service("web")).state === "stale", {
					timeout: 90_000,
				});
				await envoy.waitForHosts("web", ["10.0.0.1:8080", "10.0.0.3:8080"]);
				await kube.api.resume();
				await pods("10.0.0.4");
				await envoy.waitForHosts("web", ["10.0.0.4:8080"], 90_000);
				await waitUntil("the gRPC client has ACKed it", async () => {
					const grpc = (await fingerpost.clients()).find(({ family }) => family === "grpc");
					return grpc?.types.eds?.synced && grpc.types.eds.acked;
				});
				expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
				expect(await lab.rejections()).toEqual({ count: 0, texts: [] });
			}, 300_000);
		},
		{ versions: ["1.40.0"], modes: ["sotw"] },
	);
});
