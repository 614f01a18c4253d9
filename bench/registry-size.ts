import { Consul } from "../lab/consul.js";
import { Etcd } from "../lab/etcd.js";
import { KubeLab } from "../lab/kube-lab.js";
import { serverBinary } from "../lab/server-binary.js";
import { sliceObject } from "../lab/slice-object.js";
import { waitUntil } from "../lab/wait-until.js";
import { FingerpostProcess } from "./fingerpost-process.js";
import { GoCrowd } from "./go-crowd.js";
import { median } from "./median.js";
import { cpuMicros, IDLE_MICROS, mostRssKiB, rssKiB, settledCpuMicros } from "./process-cost.js";

const ENDPOINTS = 10;
const CHANGES = { warmUp: 10, measured: 20 };
const CREATING_AT_ONCE = 20;
/** Several times what is aimed at. */
const LIMIT_MS = 120_000;

/** A whole registry of a real server, all of whose services are served. */
export interface RegistrySize {
	readonly registry: string;
	readonly services: number;
	/** From the start of the process until all services are in sync. */
	readonly syncedMs: number;
	readonly syncedCpuMs: number;
	/** When in sync, and the most that it ever was, with a client that wants all. */
	readonly syncedMb: number;
	readonly mostMb: number;
	/** One endpoint of one service changes: from the request to the source until the client has it. */
	readonly changeMs: number;
	/** Of Fingerpost, with the watch and the push. */
	readonly changeCpuMs: number;
	/** What the client got for each change. */
	readonly resourcesPerChange: number;
	/** A new service: from the request to the source until it is in the list of services. */
	readonly newServiceMs: number;
}

interface Source extends AsyncDisposable {
	readonly registry: string;
	readonly services: number;
	/** Settings of providers. */
	readonly providers: object;
	/** Writes the service with that number; the variant is the address of one of its endpoints. */
	put(n: number, variant: number): Promise<void>;
}

/** The programs that a source needs, and how it is started. */
const SOURCES: readonly { readonly programs: readonly string[]; readonly start: () => Promise<Source> }[] = [
	{ programs: ["kube-apiserver", "etcd"], start: kubernetes },
	{ programs: ["etcd"], start: etcd },
	{ programs: ["consul"], start: consul },
];

/** Each source of which the programs are there. */
export async function registrySizes(peers: string, profiles?: string): Promise<readonly RegistrySize[]> {
	const found: RegistrySize[] = [];
	for (const { programs, start } of SOURCES) {
		const missing = programs.filter((program) => !serverBinary(program));
		if (missing.length > 0)
			process.stderr.write(`left out: ${missing.join(" and ")} missing; see FINGERPOST_TEST_BIN\n`);
		else found.push(await measured(start, peers, profiles));
	}
	return found;
}

async function measured(start: () => Promise<Source>, peers: string, profiles?: string): Promise<RegistrySize> {
	await using source = await start();
	const { registry, services, providers } = source;
	const left = Array.from({ length: services }, (_, n) => n).values();
	const createSome = async () => {
		for (const n of left) await source.put(n, 0);
	};
	await Promise.all(Array.from({ length: CREATING_AT_ONCE }, createSome));
	const config = JSON.stringify({ providers, discover: [registry], services: {} });
	await using server = await FingerpostProcess.start({ "fingerpost.yaml": config }, { profiles });
	const { pid } = server.child;
	const admin = `http://127.0.0.1:${server.adminPort}`;
	const served = async () => {
		const { registries } = (await (await fetch(`${admin}/api/v1/registries`)).json()) as Registries;
		return registries[0]?.services.served;
	};
	const isSynced = async () => (await served()) === services && (await fetch(`${admin}/readyz?strict`)).ok;
	await waitUntil("all services are in sync", isSynced, { interval: 20, timeout: LIMIT_MS });
	const syncedMs = performance.now() - server.startedAt;
	const syncedCpuMs = cpuMicros(pid) / 1_000;
	const syncedMb = rssKiB(pid) / 1_024;
	const names = Array.from({ length: services }, (_, n) => nameOf(n));
	const options = { port: server.xdsPort, mode: "delta" as const, groups: [{ id: 0, streams: 1, names }] };
	await using client = await GoCrowd.connect(peers, options);
	await settledCpuMicros(pid, IDLE_MICROS);
	const delays: number[] = [];
	const costs: number[] = [];
	for (let n = 0; n < CHANGES.warmUp + CHANGES.measured; n++) {
		if (n === CHANGES.warmUp) await client.count();
		const before = cpuMicros(pid);
		const { last } = await client.arrival(0, async () => {
			const at = performance.now();
			await source.put((n * 100) % services, n + 1);
			return at;
		});
		const cpu = (await settledCpuMicros(pid, IDLE_MICROS)) - before;
		if (n < CHANGES.warmUp) continue;
		delays.push(last);
		costs.push(cpu / 1_000);
	}
	const { resources } = await client.count();
	const asked = performance.now();
	await source.put(services, 0);
	await waitUntil("the new service is served", async () => (await served()) === services + 1, { interval: 2 });
	return {
		...{ registry, services, syncedMs, syncedCpuMs, syncedMb },
		newServiceMs: performance.now() - asked,
		mostMb: mostRssKiB(pid) / 1_024,
		changeMs: median(delays),
		changeCpuMs: median(costs),
		resourcesPerChange: resources / CHANGES.measured,
	};
}

interface Registries {
	readonly registries: readonly { readonly services: { readonly served: number } }[];
}

function nameOf(n: number): string {
	return `s-${String(n).padStart(4, "0")}`;
}

function addresses(n: number, variant: number): readonly string[] {
	return Array.from({ length: ENDPOINTS }, (_, i) => {
		const host = n * ENDPOINTS + i;
		return `10.${i === 0 ? variant % 100 : 0}.${host >> 8}.${host & 255}`;
	});
}

async function kubernetes(): Promise<Source> {
	const kube = await KubeLab.start();
	const { port, caFile } = kube.api;
	return {
		...{ registry: "k8s:///shop/*:http", services: 5_000 },
		providers: { kubernetes: { server: `https://127.0.0.1:${port}`, caFile, token: kube.token } },
		async put(n, variant) {
			const endpoints = addresses(n, variant).map((address, i) => ({
				...{ addresses: [address], conditions: { ready: true, serving: true, terminating: false } },
				...{ nodeName: `node-${i}`, zone: `zone-${i % 3}`, targetRef: { kind: "Pod", name: `${nameOf(n)}-${i}` } },
			}));
			await kube.api.put(sliceObject(nameOf(n), { ports: ["http:8080"], endpoints }));
		},
		[Symbol.asyncDispose]: () => kube[Symbol.asyncDispose](),
	};
}

async function etcd(): Promise<Source> {
	const server = await Etcd.start();
	return {
		...{ registry: "etcd:///services/*", services: 5_000, providers: { etcd: { endpoints: [server.url] } } },
		async put(n, variant) {
			const all = addresses(n, variant).map((address, i) => [`services/${nameOf(n)}/${i}`, `${address}:8080`] as const);
			// Of a change only the first is another one.
			for (const [key, value] of variant === 0 ? all : all.slice(0, 1)) await server.put(key, value);
		},
		[Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
	};
}

async function consul(): Promise<Source> {
	const server = await Consul.start();
	return {
		...{ registry: "consul:///*", services: 1_000 },
		providers: { consul: { address: server.url, maxQueries: 50 } },
		async put(n, variant) {
			const count = variant === 0 ? ENDPOINTS : 1;
			for (let i = 0; i < count; i++) {
				await server.put({ service: nameOf(n), port: 8_000 + i, more: { Meta: { variant: String(variant) } } });
			}
		},
		[Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
	};
}
