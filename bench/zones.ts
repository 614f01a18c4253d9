import { waitUntil } from "../lab/wait-until.js";
import { Crowd } from "./crowd.js";
import { FingerpostProcess } from "./fingerpost-process.js";
import { median, medianOf } from "./median.js";
import { IDLE_MICROS, rssKiB, settledCpuMicros } from "./process-cost.js";
import { serviceName } from "./services.js";

const ZONES = ["a", "b", "c"] as const;
const CHANGES = { warmUp: 12, measured: 24 };

/** How many endpoints the service has that changes, and how many streams ask for it. */
const SIZES = [
	{ endpoints: 12, streams: 1_000 },
	{ endpoints: 3_000, streams: 100 },
] as const;

/** Of a change of one endpoint: the server's CPU, and until the last stream had it. Memory is for each stream. */
export interface ZoneCost {
	readonly cpuMs: number;
	readonly lastMs: number;
	readonly streamKiB: number;
}

export interface ZoneCosts {
	readonly endpoints: number;
	readonly streams: number;
	/** Clients name no zone. */
	readonly without: ZoneCost;
	/** Clients are in three zones. */
	readonly three: ZoneCost;
}

/** A change for clients in three zones beside one for clients without, in turns; the load is Node's. */
export async function zoneCosts(rounds: number): Promise<ZoneCosts[]> {
	const all: ZoneCosts[] = [];
	for (const size of SIZES) {
		const [without, three]: [ZoneCost[], ZoneCost[]] = [[], []];
		for (let i = 0; i < rounds; i++) {
			without.push(await measure(size, false));
			three.push(await measure(size, true));
		}
		all.push({ ...size, without: medianOf(without), three: medianOf(three) });
	}
	return all;
}

async function measure({ endpoints, streams }: (typeof SIZES)[number], zoned: boolean): Promise<ZoneCost> {
	const name = serviceName(0);
	const text = (weight: number) => listText(endpoints, weight);
	const files = { "fingerpost.yaml": `services:\n  ${name}: file://FOLDER/watched.yaml\n`, "watched.yaml": text(100) };
	await using server = await FingerpostProcess.start(files);
	const { pid } = server.child;
	const zone = zoned ? (id: number) => ZONES[id % ZONES.length] as string : undefined;
	await settledCpuMicros(pid, IDLE_MICROS);
	const empty = rssKiB(pid);
	await using load = await Crowd.connect({
		...{ port: server.xdsPort, mode: "delta" as const, zone },
		groups: [{ id: 0, streams, names: [name] }],
	});
	await settle(server.adminPort, name, streams, zoned);
	load.forgetPushes();
	await settledCpuMicros(pid, IDLE_MICROS);
	const costs: ZoneCost[] = [];
	const rss: number[] = [];
	let before = 0;
	for (let n = 0; n < CHANGES.warmUp + CHANGES.measured; n++) {
		if (n === CHANGES.warmUp) before = await settledCpuMicros(pid, IDLE_MICROS);
		const { last } = await load.arrival(0, () => server.replace("watched.yaml", text(n % 2 === 0 ? 50 : 100)));
		if (n < CHANGES.warmUp) continue;
		costs.push({ cpuMs: 0, lastMs: last, streamKiB: 0 });
		rss.push(rssKiB(pid));
	}
	const cpuMs = ((await settledCpuMicros(pid, IDLE_MICROS)) - before) / 1_000 / CHANGES.measured;
	return { cpuMs, lastMs: median(costs.map(({ lastMs }) => lastMs)), streamKiB: (median(rss) - empty) / streams };
}

/** Waits until the clients count, where they are in zones, and each has ACKed what is for it. */
async function settle(adminPort: number, name: string, streams: number, zoned: boolean): Promise<void> {
	await waitUntil("the clients count in their zones", async () => {
		const answer = await fetch(`http://127.0.0.1:${adminPort}/api/v1/services/${name}`);
		const { zones, clients } = (await answer.json()) as {
			readonly zones: readonly { readonly demand: number }[];
			readonly clients: { readonly acked: number };
		};
		return zones.every(({ demand }) => demand > 0 === zoned) && clients.acked === streams;
	});
}

/** Endpoints in three zones in turn; the weight is of one of them. */
function listText(count: number, weight: number): string {
	const lines = Array.from({ length: count }, (_, i) => {
		const address = `10.1.${i >> 8}.${i & 255}:8080`;
		const parts = i === 5 ? `, weight: ${weight}` : "";
		return `- {address: "${address}", locality: {region: eu, zone: ${ZONES[i % ZONES.length]}}${parts}}\n`;
	});
	return lines.join("");
}

export function printZoneCosts(all: readonly ZoneCosts[]): void {
	for (const { endpoints, streams, without, three } of all) {
		const row = (what: string, key: keyof ZoneCost, unit: string) => {
			const figures = `${without[key].toFixed(1).padStart(10)}${three[key].toFixed(1).padStart(10)} ${unit.padEnd(8)}`;
			return `${what.padEnd(44)}${figures}x ${(three[key] / without[key]).toFixed(2)}\n`;
		};
		const head = `${endpoints} endpoints, ${streams} streams`;
		process.stdout.write(
			[
				`${head.padEnd(44)}${"no zones".padStart(10)}${"3 zones".padStart(10)}\n`,
				row("a change of one endpoint, CPU of the server", "cpuMs", "ms"),
				row("until the last stream has it", "lastMs", "ms"),
				row("memory for each stream", "streamKiB", "KiB"),
			].join(""),
		);
	}
}
