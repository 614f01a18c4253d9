// A Service in a namespace of its own, and Fingerpost that follows it while its EndpointSlice changes:
//   node examples/kubernetes/run.mjs --context kind-kind
// It makes the namespace fingerpost-example in the cluster of that context of your kubeconfig, and deletes it at the end.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CoreV1Api, DiscoveryV1Api, KubeConfig } from "@kubernetes/client-node";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const namespace = "fingerpost-example";

const { values: options } = parseArgs({ options: { context: { type: "string" } } });
if (!options.context) {
	console.error("usage: node examples/kubernetes/run.mjs --context NAME, one of `kubectl config get-contexts -o name`");
	process.exit(2);
}
const kubeconfig = new KubeConfig();
kubeconfig.loadFromDefault();
kubeconfig.setCurrentContext(options.context);
const core = kubeconfig.makeApiClient(CoreV1Api);
const discovery = kubeconfig.makeApiClient(DiscoveryV1Api);

let told = 0;
let watch;
await core.createNamespace({ body: { metadata: { name: namespace } } });
try {
	// Without a selector, so that the EndpointSlice is this program's and no controller's.
	await core.createNamespacedService({
		namespace,
		body: { metadata: { name: "web" }, spec: { ports: [{ name: "http", port: 80, targetPort: 8080 }] } },
	});
	await discovery.createNamespacedEndpointSlice({ namespace, body: slice({ address: "10.0.0.1" }) });
	watch = spawn(
		process.execPath,
		[path("../../dist/main.js"), "watch", "--config", path("fingerpost.yaml"), `k8s:///${namespace}/web:http`],
		{ stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, KUBE_CONTEXT: options.context } },
	);
	createInterface({ input: watch.stdout }).on("line", (line) => {
		told++;
		console.log(line);
	});
	await step("a pod that was there");
	await step("a second one", { address: "10.0.0.1" }, { address: "10.0.0.2" });
	await step("the first one is being ended", { address: "10.0.0.1", terminating: true }, { address: "10.0.0.2" });
	await step("it is gone", { address: "10.0.0.2" });
} finally {
	watch?.kill();
	await core.deleteNamespace({ name: namespace });
}

/** Changes the pods, if there are some, and waits until Fingerpost has told of it. */
async function step(what, ...pods) {
	console.log(`# ${what}`);
	const before = pods.length === 0 ? 0 : told;
	if (pods.length > 0) {
		await discovery.replaceNamespacedEndpointSlice({ name: "web-1", namespace, body: slice(...pods) });
	}
	for (let left = 600; left > 0; left--) {
		if (told > before) return;
		await sleep(50);
	}
	throw new Error("waited 30 s in vain until Fingerpost tells of it");
}

function slice(...pods) {
	return {
		metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
		addressType: "IPv4",
		ports: [{ name: "http", port: 8080, protocol: "TCP" }],
		endpoints: pods.map(({ address, terminating = false }) => ({
			addresses: [address],
			conditions: { ready: !terminating, serving: true, terminating },
		})),
	};
}
