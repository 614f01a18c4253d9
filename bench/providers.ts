import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Etcd } from "../lab/etcd.js";
import { FakeConsul } from "../lab/fake-consul.js";
import { FakeDns } from "../lab/fake-dns.js";
import { FakeDocker } from "../lab/fake-docker.js";
import { eventOf, FakeListServer } from "../lab/fake-list-server.js";
import { FakeNomad } from "../lab/fake-nomad.js";
import { KubeLab } from "../lab/kube-lab.js";
import { serverBinary } from "../lab/server-binary.js";
import { sliceObject } from "../lab/slice-object.js";
import { PROVIDER_KINDS } from "../src/providers/provider-kinds.js";
import { Crowd } from "./crowd.js";
import { FingerpostProcess } from "./fingerpost-process.js";
import { median } from "./median.js";
import { endpointList, listText } from "./services.js";

const CHANGES = { warmUp: 3, measured: 30 };
/** Of a source that takes a second for each. */
const SLOW_CHANGES = { warmUp: 1, measured: 10 };

/** From a change at the source to the moment when a client has it and ACKs it. */
export interface ProviderDelay {
	readonly source: string;
	readonly medianMs: number;
	readonly maxMs: number;
}

interface Source {
	/** The kind of provider that finds it. */
	readonly kind: string;
	readonly name: string;
	/** What the config says of the service, and of the provider. */
	readonly target: string;
	readonly providers?: object;
	/** Makes the change and gives the moment it was asked for, in `performance.now()`. */
	readonly change: (variant: number, server: FingerpostProcess) => number | Promise<number>;
	readonly files?: Readonly<Record<string, string>>;
	readonly changes?: typeof CHANGES;
}

/** One endpoint changes at the source, thirty times, or ten where each takes a second, for each provider. */
export async function providerDelays(): Promise<ProviderDelay[]> {
	await using owned = new AsyncDisposableStack();
	const dns = owned.use(await FakeDns.start());
	dns.set("web.test", "A", "1 10.0.0.1");
	const consul = owned.use(await FakeConsul.start());
	consul.set("web", "10.0.0.1:80");
	const nomad = owned.use(await FakeNomad.start());
	nomad.set("web", "10.0.0.1:80");
	const lists = owned.use(await FakeListServer.start());
	lists.react = () => ({ events: eventOf(["10.0.0.1:80"]) });
	const sources: Source[] = [
		{
			kind: "static",
			name: "config",
			target: "127.0.0.1:1",
			change: (variant, server) => server.replace("fingerpost.yaml", config(`127.0.0.1:${variant + 1}`)),
		},
		{
			kind: "file",
			name: "file",
			target: "file://FOLDER/web.yaml",
			files: { "web.yaml": listText(endpointList(0)) },
			change: (variant, server) => server.replace("web.yaml", listText(endpointList(0, 50 + variant))),
		},
		{
			kind: "dns",
			name: "dns, with a TTL and minInterval of 1 s",
			target: "dns:///web.test:80",
			providers: { dns: { servers: [dns.address], minInterval: "1s" } },
			changes: SLOW_CHANGES,
			change: (variant) => {
				dns.set("web.test", "A", `1 10.0.0.${variant + 1}`);
				return performance.now();
			},
		},
		{
			kind: "consul",
			name: "consul, a blocking query",
			target: "consul:///web",
			providers: { consul: { address: consul.url } },
			change: (variant) => {
				const at = performance.now();
				consul.set("web", `10.0.0.${variant + 1}:80`);
				return at;
			},
		},
		{
			kind: "nomad",
			name: "nomad, a blocking query",
			target: "nomad:///web",
			providers: { nomad: { address: nomad.url } },
			change: (variant) => {
				const at = performance.now();
				nomad.set("web", `10.0.0.${variant + 1}:80`);
				return at;
			},
		},
		{
			kind: "sd",
			name: "sd, by events",
			target: `sd+http://127.0.0.1:${lists.port}/web`,
			change: (variant) => {
				const at = performance.now();
				lists.send(eventOf([`10.0.0.${variant + 1}:80`]));
				return at;
			},
		},
	];
	const leftOut = new Set<string>();
	const missing = ["kube-apiserver", "etcd"].filter((program) => !serverBinary(program));
	if (missing.length > 0) {
		leftOut.add("kubernetes");
		process.stderr.write(`kubernetes is left out: ${missing.join(" and ")} missing; see FINGERPOST_TEST_BIN\n`);
	} else {
		const kube = owned.use(await KubeLab.start());
		const slice = (variant: number) => sliceObject("web", { endpoints: [`10.0.0.${variant + 1}`] });
		await kube.api.put(slice(0));
		sources.push({
			kind: "kubernetes",
			name: "kubernetes",
			target: "k8s:///shop/web",
			providers: {
				kubernetes: { server: `https://127.0.0.1:${kube.api.port}`, caFile: kube.api.caFile, token: kube.token },
			},
			change: async (variant) => {
				const at = performance.now();
				await kube.api.put(slice(variant));
				return at;
			},
		});
	}
	if (serverBinary("etcd")) {
		const etcd = owned.use(await Etcd.start());
		await etcd.put("web/a", "10.0.0.1:80");
		sources.push({
			kind: "etcd",
			name: "etcd",
			target: "etcd:///web/",
			providers: { etcd: { endpoints: [etcd.url] } },
			change: async (variant) => {
				const at = performance.now();
				await etcd.put("web/a", `10.0.0.${variant + 1}:80`);
				return at;
			},
		});
	} else {
		leftOut.add("etcd");
		process.stderr.write("etcd is left out: it is missing; see FINGERPOST_TEST_BIN\n");
	}
	const folder = await mkdtemp(join(tmpdir(), "fingerpost-bench-docker-"));
	owned.defer(() => rm(folder, { recursive: true, force: true }));
	const docker = owned.use(await FakeDocker.start(folder));
	const container = (variant: number) => ({ name: "web", networks: { bridge: `172.17.0.${variant + 1}` } });
	docker.run(container(1));
	sources.push({
		kind: "docker",
		name: "docker, an engine that answers at once",
		target: "docker:///web:80",
		providers: { docker: { socket: docker.url } },
		change: (variant) => {
			const at = performance.now();
			docker.run(container(variant + 1));
			return at;
		},
	});
	const measured = new Set([...leftOut, ...sources.map(({ kind }) => kind)]);
	const forgotten = PROVIDER_KINDS.filter(({ type }) => !measured.has(type)).map(({ type }) => type);
	if (forgotten.length > 0) throw new Error(`bench/providers.ts has no source for ${forgotten.join(", ")}`);
	const delays: ProviderDelay[] = [];
	for (const source of sources) delays.push(await measure(source));
	return delays;
}

async function measure({
	name,
	target,
	providers,
	change,
	files = {},
	changes = CHANGES,
}: Source): Promise<ProviderDelay> {
	await using server = await FingerpostProcess.start({ "fingerpost.yaml": config(target, providers), ...files });
	await using client = await Crowd.connect({
		port: server.xdsPort,
		mode: "delta",
		groups: [{ id: 0, streams: 1, names: ["web"] }],
	});
	const delays: number[] = [];
	for (let n = 0; n < changes.warmUp + changes.measured; n++) {
		const { last } = await client.arrival(0, () => change(1 + (n % 2), server));
		if (n >= changes.warmUp) delays.push(last);
	}
	return { source: name, medianMs: median(delays), maxMs: Math.max(...delays) };
}

function config(target: string, providers: object = {}): string {
	return JSON.stringify({ providers, services: { web: target } });
}
