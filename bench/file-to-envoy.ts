import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Envoy } from "../lab/envoy.js";
import { ENVOY_VERSIONS, findEnvoy } from "../lab/envoy-binary.js";
import { envoyBootstrap } from "../lab/envoy-bootstrap.js";
import { waitUntil } from "../lab/wait-until.js";
import { Crowd } from "./crowd.js";
import { FingerpostProcess } from "./fingerpost-process.js";
import { median, medianOf } from "./median.js";
import { scanResponse } from "./protobuf.js";
import { configJson, configText, endpointList, serviceName } from "./services.js";

const SERVICES = 1_000;
/** The services that the Envoy wants; the one that changes is among them. */
const CLUSTERS = Array.from({ length: 10 }, (_, i) => serviceName(i * 100));
const CHANGED = 500;
const STARTS = 3;
const CHANGES = { warmUp: 3, measured: 30 };

const CONFIG_FORMATS = ["YAML", "JSON"] as const;
export type ConfigFormat = (typeof CONFIG_FORMATS)[number];

/** Where the milliseconds between the rename of the config file and the Envoy's stats go. */
export interface Steps {
	/** Until the new config is taken over, by the log: the system's event, 20 ms of quiet after it, all the reading. */
	readonly reloadedMs: number;
	/** Of it reading and checking the text. Measured in this process, once warm. */
	readonly parsedMs: number;
	/** The longest that this holds the event loop. */
	readonly heldMs: number;
	/** From there until a bare client has the response: merging the changed service, encoding it, the push. */
	readonly pushedMs: number;
	/** From there until Envoy's stats show it: Envoy's own work, and looking every millisecond or two. */
	readonly shownMs: number;
}

export interface FileToEnvoy {
	readonly format: ConfigFormat;
	readonly envoy: string;
	readonly services: number;
	readonly configBytes: number;
	/** From the start of the process to the ready line: median of three. */
	readonly readyMs: number;
	/** From the rename to the version in Envoy's stats: median and largest of thirty. */
	readonly medianMs: number;
	readonly maxMs: number;
	/** The median of each step on its own. */
	readonly steps: Steps;
}

/** One endpoint of one of a thousand services changes in the config file, thirty times a format. */
export async function fileToEnvoy(profiles?: string): Promise<readonly FileToEnvoy[] | { readonly missing: string }> {
	const binary = await findEnvoy(ENVOY_VERSIONS[0]);
	if ("missing" in binary) return binary;
	const results: FileToEnvoy[] = [];
	for (const format of CONFIG_FORMATS) results.push(await ofFormat(format, binary.path, profiles));
	return results;
}

async function ofFormat(format: ConfigFormat, binary: string, profiles?: string): Promise<FileToEnvoy> {
	const variants = format === "YAML" ? ([config(100), config(50)] as const) : ([json(100), json(50)] as const);
	const timeToParse = await configParser();

	const starts: number[] = [];
	for (let i = 1; i < STARTS; i++) {
		await using server = await FingerpostProcess.start({ "fingerpost.yaml": variants[0] });
		starts.push(server.startMs);
	}
	await using server = await FingerpostProcess.start({ "fingerpost.yaml": variants[0] }, { profiles });
	starts.push(server.startMs);
	await using envoy = await Envoy.start(binary, bootstrap(server.xdsPort));

	await using client = await Crowd.connect({
		port: server.xdsPort,
		mode: "delta",
		groups: [{ id: 0, streams: 1, names: CLUSTERS }],
	});
	const stat = `cluster.${serviceName(CHANGED)}.version_text`;
	const shown = async () => {
		const text = await envoy.get(`/stats?type=TextReadouts&filter=${encodeURIComponent(`^${stat}$`)}`);
		return /: "(.*)"/.exec(text)?.[1] ?? "";
	};

	const totals: number[] = [];
	const steps: Steps[] = [];
	for (let n = 0; n < CHANGES.warmUp + CHANGES.measured; n++) {
		const text = variants[n % 2 === 0 ? 1 : 0];
		const before = await shown();
		let at = 0;
		const { last } = await client.arrival(0, async () => {
			at = await server.replace("fingerpost.yaml", text);
			return at;
		});
		// Envoy is only asked from here on: it shall not take the CPU that the reading of the config needs.
		const version = await waitUntil(
			`Envoy shows another ${stat}`,
			async () => {
				const now = await shown();
				return now !== before && now;
			},
			{ interval: 1 },
		);
		const total = performance.now() - at;
		const pushed = scanResponse(client.pushes.get(0) as Buffer).version.toString();
		if (version !== pushed) throw new Error(`Envoy shows ${version}, but ${pushed} was pushed`);
		const { parsedMs, heldMs } = await timeToParse(text);
		const reloadedMs = (await reloadedAt(server)) - at;
		if (n < CHANGES.warmUp) continue;
		totals.push(total);
		steps.push({ reloadedMs, parsedMs, heldMs, pushedMs: last - reloadedMs, shownMs: total - last });
	}
	return {
		format,
		envoy: ENVOY_VERSIONS[0],
		services: SERVICES,
		configBytes: variants[0].length,
		readyMs: median(starts),
		medianMs: median(totals),
		maxMs: Math.max(...totals),
		steps: medianOf(steps),
	};
}

function config(variant: number): string {
	const services = Array.from({ length: SERVICES }, (_, i) => {
		return [serviceName(i), { endpoints: endpointList(i, i === CHANGED ? variant : 100) }] as const;
	});
	return configText(new Map(services));
}

function json(variant: number): string {
	return configJson(SERVICES, CHANGED, variant);
}

/** Ten static clusters whose endpoints come by EDS over one delta ADS stream. */
function bootstrap(xdsPort: number): object {
	const base = envoyBootstrap({ mode: "delta", xds: [xdsPort], clusters: CLUSTERS }) as {
		static_resources: { clusters: { eds_cluster_config?: { eds_config: { api_config_source?: object } } }[] };
	};
	const overAds = { ads: {}, resource_api_version: "V3" };
	let source: object | undefined;
	const clusters = base.static_resources.clusters.map((cluster) => {
		source ??= cluster.eds_cluster_config?.eds_config.api_config_source;
		return cluster.eds_cluster_config ? { ...cluster, eds_cluster_config: { eds_config: overAds } } : cluster;
	});
	return {
		...base,
		dynamic_resources: { ads_config: source },
		static_resources: { ...base.static_resources, clusters },
	};
}

/** The built program's own reading of a config, time and again. */
async function configParser(): Promise<(text: string) => Promise<Pick<Steps, "parsedMs" | "heldMs">>> {
	const dist = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href);
	const { readConfigText } = (await dist("config/load.js")) as typeof import("../src/config/load.js");
	const { Registry } = (await dist("providers/registry.js")) as typeof import("../src/providers/registry.js");
	const { KnownServices } = (await dist(
		"config/known-services.js",
	)) as typeof import("../src/config/known-services.js");
	const registry = new Registry();
	const knownServices = new KnownServices();
	return async (text) => {
		using held = monitorEventLoopDelay({ resolution: 1 });
		held.enable();
		// It measures from its first tick on.
		await sleep(5);
		held.reset();
		const begin = performance.now();
		await readConfigText(text, "fingerpost.yaml", { registry, knownServices });
		const parsedMs = performance.now() - begin;
		await sleep(5);
		return { parsedMs, heldMs: held.max / 1e6 };
	};
}

/** When the newest reload was logged, in `performance.now()` of this process; the log is exact to the millisecond. */
async function reloadedAt({ child }: FingerpostProcess): Promise<number> {
	return waitUntil("the log tells of the change", () => {
		const [reloaded, changed] = child.stderr
			.slice(-2)
			.map((text) => JSON.parse(text) as { readonly msg: string; readonly time: string });
		if (reloaded?.msg !== "config reloaded" || changed?.msg !== "service changed") return undefined;
		return Date.parse(reloaded.time) - performance.timeOrigin;
	});
}
