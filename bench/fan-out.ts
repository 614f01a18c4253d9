import { Crowd } from "./crowd.js";
import { medianOf } from "./median.js";
import { type Change, LONE, LONE_GROUP, type Peer, type Recording, startBare, startFingerpost } from "./peers.js";
import { cpuMicros, rssKiB, settledCpuMicros } from "./process-cost.js";
import { serviceName } from "./services.js";
import type { Mode } from "./subscriber.js";

/** A change in the config file is the same for every case: few are enough. */
const CONFIG_CHANGES = { warmUp: 2, changes: 4 };

/** How many streams want which of how many services, each of ten endpoints. */
export interface FanOutCase {
	readonly name: string;
	readonly services: number;
	readonly streams: number;
	/** How many services each stream wants: it shares them with all streams of its group. */
	readonly wanted: number;
	/** How many changes come first and are not measured: until the servers' code is compiled. */
	readonly warmUp: number;
	/** How many changes are measured. */
	readonly changes: number;
}

export const CASES: readonly FanOutCase[] = [
	{ name: "B", services: 100, streams: 1_000, wanted: 100, warmUp: 12, changes: 8 },
	{ name: "F", services: 1_000, streams: 1_000, wanted: 10, warmUp: 20, changes: 24 },
];

/** What one run gives; times in the unit of their names. */
export interface Sample {
	readonly connectMicrosPerStream: number;
	readonly rssKiBPerStream: number;
	/** CPU of the server for one change: seeing it, and pushing it to all who want it, with their ACKs. */
	readonly changeMicros: number;
	/** The same where one stream wants it. */
	readonly loneChangeMicros: number;
	/** What each further stream costs. */
	readonly pushMicros: number;
	readonly firstMs: number;
	readonly lastMs: number;
	/** CPU of the load generator for a push and stream. */
	readonly generatorMicros: number;
	/** Fingerpost only: CPU for a change in the config file, and when it reached the last stream. */
	readonly configChangeMicros?: number;
	readonly configLastMs?: number;
}

export interface Run {
	/** How many streams a measured change reaches. */
	readonly receivers: number;
	readonly sample: Sample;
	readonly recording: Recording;
}

export async function runFingerpost(what: FanOutCase, mode: Mode, profiles?: string): Promise<Run> {
	await using peer = await startFingerpost(what.services, profiles);
	return await measure(peer, what, mode, true);
}

export async function runBare(what: FanOutCase, mode: Mode, recording: Recording, profiles?: string): Promise<Run> {
	await using peer = await startBare(recording, profiles);
	return await measure(peer, what, mode, false);
}

async function measure(peer: Peer, what: FanOutCase, mode: Mode, withConfig: boolean): Promise<Run> {
	const { pid, port } = peer;
	const groups = what.services / what.wanted;
	const streams = Array.from({ length: what.streams }, (_, id) => {
		const group = id % groups;
		return { group, names: Array.from({ length: what.wanted }, (_, i) => serviceName(group * what.wanted + i)) };
	});
	streams.push({ group: LONE_GROUP, names: [LONE] });

	const cpuBefore = await settledCpuMicros(pid, peer.idleMicros);
	const rssBefore = rssKiB(pid);
	using crowd = await Crowd.connect({ port, mode, streams });
	const connect = (await settledCpuMicros(pid, peer.idleMicros)) - cpuBefore;
	const rss = rssKiB(pid) - rssBefore;

	const [watched, lone] = (await changes(peer, crowd, what, [
		{ change: "watched", group: 0 },
		{ change: "lone", group: LONE_GROUP },
	])) as [Cost, Cost];
	const [config] = withConfig ? await changes(peer, crowd, CONFIG_CHANGES, [{ change: "config", group: 0 }]) : [];
	const receivers = crowd.size(0);
	return {
		sample: {
			connectMicrosPerStream: connect / streams.length,
			rssKiBPerStream: rss / streams.length,
			changeMicros: watched.cpuMicros,
			loneChangeMicros: lone.cpuMicros,
			pushMicros: (watched.cpuMicros - lone.cpuMicros) / (receivers - 1),
			firstMs: watched.firstMs,
			lastMs: watched.lastMs,
			generatorMicros: watched.ownMicros / receivers,
			...(config && { configChangeMicros: config.cpuMicros, configLastMs: config.lastMs }),
		},
		receivers,
		recording: { initial: crowd.initialAnswers(), pushes: crowd.pushes },
	};
}

interface Cost {
	readonly cpuMicros: number;
	/** Of this process: the load generator. */
	readonly ownMicros: number;
	readonly firstMs: number;
	readonly lastMs: number;
}

/**
 * Makes the changes in turns, each when the server has nothing left to do for the one before. Those that come first are
 * not measured.
 * @returns the median change of each kind.
 */
async function changes(
	peer: Peer,
	crowd: Crowd,
	{ warmUp, changes: count }: Pick<FanOutCase, "warmUp" | "changes">,
	kinds: readonly { readonly change: Change; readonly group: number }[],
): Promise<Cost[]> {
	const costs: Cost[][] = kinds.map(() => []);
	for (let n = 0; n < warmUp + count; n++) {
		for (const [kind, { change, group }] of kinds.entries()) {
			const cpuBefore = cpuMicros(peer.pid);
			const ownBefore = process.cpuUsage();
			const { first, last } = await crowd.arrival(group, () => peer.change(change, n));
			const own = process.cpuUsage(ownBefore);
			const cpu = (await settledCpuMicros(peer.pid, peer.idleMicros)) - cpuBefore;
			if (n < warmUp) continue;
			costs[kind]?.push({ cpuMicros: cpu, ownMicros: own.user + own.system, firstMs: first, lastMs: last });
		}
	}
	return costs.map((list) => medianOf(list));
}
