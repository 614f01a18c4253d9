import { KubeLab } from "../lab/kube-lab.js";
import { serverBinary } from "../lab/server-binary.js";
import { type SliceObject, sliceObject } from "../lab/slice-object.js";
import { waitUntil } from "../lab/wait-until.js";
import { FingerpostProcess } from "./fingerpost-process.js";
import { GoCrowd } from "./go-crowd.js";
import { median } from "./median.js";
import { cpuMicros, IDLE_MICROS, mostRssKiB, rssKiB, settledCpuMicros } from "./process-cost.js";

const SERVICES = 5_000;
const ENDPOINTS = 10;
const CHANGES = { warmUp: 10, measured: 20 };
const CREATING_AT_ONCE = 20;
/** Several times what is aimed at. */
const LIMIT_MS = 60_000;

/** 5,000 services with 50,000 endpoints in a real API server. */
export interface KubernetesSize {
	/** Over how many namespaces they are spread. */
	readonly namespaces: number;
	/** From the start of the process until all sources are in sync, and until the first client has all of it. */
	readonly syncedMs: number;
	readonly syncedCpuMs: number;
	readonly firstClientMs: number;
	/** When in sync; with a client that wants all; and the most that it ever was. */
	readonly syncedMb: number;
	readonly servingMb: number;
	readonly mostMb: number;
	/** One endpoint of one slice changes: from the request to the API server until the client has it. */
	readonly changeMs: number;
	/** Of Fingerpost, with the watch and the push. */
	readonly changeCpuMs: number;
	/** What the client got for each change. */
	readonly resourcesPerChange: number;
}

/** Once with all services in one namespace, once with a hundred in each. */
export async function kubernetesSize(
	peers: string,
	profiles?: string,
): Promise<readonly KubernetesSize[] | { readonly missing: string }> {
	const missing = ["kube-apiserver", "etcd"].filter((program) => !serverBinary(program));
	if (missing.length > 0) return { missing: `${missing.join(" and ")} missing; see FINGERPOST_TEST_BIN` };
	await using kube = await KubeLab.start();
	const found: KubernetesSize[] = [];
	for (const namespaces of [1, 50]) found.push(await withNamespaces(namespaces, kube, peers, profiles));
	return found;
}

async function withNamespaces(
	namespaces: number,
	kube: KubeLab,
	peers: string,
	profiles?: string,
): Promise<KubernetesSize> {
	for (let n = 0; n < namespaces; n++) await kube.createNamespace(namespaceOf(n, namespaces));
	const left = Array.from({ length: SERVICES }, (_, n) => n).values();
	const createSome = async () => {
		for (const n of left) await kube.api.put(slice(n, namespaces));
	};
	await Promise.all(Array.from({ length: CREATING_AT_ONCE }, createSome));

	const names = Array.from({ length: SERVICES }, (_, n) => serviceOf(n));
	await using server = await FingerpostProcess.start(
		{ "fingerpost.yaml": config(kube, names, namespaces) },
		{ profiles },
	);
	const { pid } = server.child;
	await waitUntil(
		"all services are in sync",
		async () => (await fetch(`http://127.0.0.1:${server.adminPort}/readyz`)).ok,
		{ interval: 10, timeout: LIMIT_MS },
	);
	const syncedMs = performance.now() - server.startedAt;
	const syncedCpuMs = cpuMicros(pid) / 1_000;
	const syncedMb = rssKiB(pid) / 1_024;
	const begin = performance.now();
	const options = { port: server.xdsPort, mode: "delta" as const, groups: [{ id: 0, streams: 1, names }] };
	await using client = await GoCrowd.connect(peers, options);
	const firstClientMs = performance.now() - begin;
	await settledCpuMicros(pid, IDLE_MICROS);
	const servingMb = rssKiB(pid) / 1_024;

	const delays: number[] = [];
	const costs: number[] = [];
	for (let n = 0; n < CHANGES.warmUp + CHANGES.measured; n++) {
		if (n === CHANGES.warmUp) await client.count();
		const before = cpuMicros(pid);
		const { last } = await client.arrival(0, async () => {
			const at = performance.now();
			await kube.api.put(slice(n * 100, namespaces, n + 1));
			return at;
		});
		const cpu = (await settledCpuMicros(pid, IDLE_MICROS)) - before;
		if (n < CHANGES.warmUp) continue;
		delays.push(last);
		costs.push(cpu / 1_000);
	}
	const { resources } = await client.count();
	return {
		namespaces,
		syncedMs,
		syncedCpuMs,
		firstClientMs,
		syncedMb,
		servingMb,
		mostMb: mostRssKiB(pid) / 1_024,
		changeMs: median(delays),
		changeCpuMs: median(costs),
		resourcesPerChange: resources / CHANGES.measured,
	};
}

function namespaceOf(n: number, namespaces: number): string {
	return `team-${n % namespaces}-of-${namespaces}`;
}

function serviceOf(n: number): string {
	return `s-${String(n).padStart(4, "0")}`;
}

/** With all that the endpoints of a real cluster have. The variant is the address of one of them. */
function slice(n: number, namespaces: number, variant = 0): SliceObject {
	const service = serviceOf(n);
	const namespace = namespaceOf(n, namespaces);
	const endpoints = Array.from({ length: ENDPOINTS }, (_, i) => {
		const host = n * ENDPOINTS + i;
		const network = i === 0 ? 100 + (variant % 100) : 0;
		const name = `${service}-6f9c7b5d4-${String(host).padStart(5, "0")}`;
		return {
			addresses: [`10.${network}.${host >> 8}.${host & 255}`],
			conditions: { ready: true, serving: true, terminating: false },
			nodeName: `node-${host % 500}`,
			zone: `zone-${host % 3}`,
			targetRef: { kind: "Pod", namespace, name, uid: `00000000-0000-4000-8000-${String(host).padStart(12, "0")}` },
		};
	});
	return sliceObject(service, { namespace, ports: ["http:8080"], endpoints });
}

function config(kube: KubeLab, names: readonly string[], namespaces: number): string {
	return JSON.stringify({
		providers: {
			kubernetes: { server: `https://127.0.0.1:${kube.api.port}`, caFile: kube.api.caFile, token: kube.token },
		},
		services: Object.fromEntries(names.map((name, n) => [name, `k8s:///${namespaceOf(n, namespaces)}/${name}`])),
	});
}
