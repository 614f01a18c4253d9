import { FakeKubeApi } from "../../../lab/fake-kube-api.js";
import { sliceObject } from "../../../lab/slice-object.js";
import { DEFAULT_TIMING } from "../../../src/providers/kubernetes/api/kubernetes-timing.js";
import { providerSuite } from "../suite.js";
import { kubernetesProvider } from "./watching.js";

providerSuite("kubernetes", {
	async start(timing) {
		const api = await FakeKubeApi.start();
		return {
			provider: kubernetesProvider(api.url, {}, timing === "default" ? DEFAULT_TIMING : {}),
			target: (n) => `k8s:///shop/web-${n}`,
			set(n, addresses) {
				// A slice has the ports for all its addresses, so here each has one of its own.
				const ports = new Set(addresses.map((address) => Number(address.split(":")[1])));
				for (const port of [8001, 8002, 8003]) {
					const name = `web-${n}-${port}`;
					const endpoints = ports.has(port) ? ["127.0.0.1"] : [];
					api.put(sliceObject(`web-${n}`, { name, ports: [String(port)], endpoints }));
				}
			},
			fail() {
				api.react = () => ({ status: 500 });
				api.endWatches("break");
			},
			fallSilent() {
				api.react = () => ({ silent: true });
				api.stall();
			},
			recover() {
				api.react = () => undefined;
			},
			requests: () => api.requests.length,
			open: () => api.connections,
			[Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
		};
	},
	invalid: "k8s://cluster/web",
});
