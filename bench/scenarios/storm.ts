import { type Figures, type Scenario, Stage, serviceNames, WITH_PEERS } from "../scenario.js";

const LEAVING = { id: 0, names: serviceNames(100) };
const STAYING = { id: 1, streams: 200, names: serviceNames(100, 100) };
const CHURN = { names: STAYING.names, perSecond: 20 };
const WARM_UP_MS = 2_000;
const CALM_MS = 3_000;
const SIZES = [1_000, 5_000] as const;

/** Most streams drop and come back at once, while changes go to others that stay. */
export const storm: Scenario = {
	name: "storm",
	title:
		"storm: all of the first group's streams (each wants 100 services) drop and come back at once; 20 changes a second to 200 others",
	columns: {
		backMs: "all back after ms",
		cpuMs: "CPU ms",
		streamMicros: "CPU µs/stream",
		calmP99Ms: "others before, stale p99 ms",
		p50Ms: "during, p50 ms",
		p99Ms: "p99 ms",
		maxMs: "longest ms",
		sentKb: "kB sent/stream",
	},
	full: WITH_PEERS,
	short: ["fingerpost", "linear"],
	run: async (name, options) => {
		const found: Record<string, Figures> = {};
		for (const size of SIZES) {
			// SnapshotCache looks at every stream for every change: it does not get through the larger one within a minute.
			if (size > SIZES[0] && (options.short || name === "snapshot")) continue;
			const groups = [{ ...LEAVING, streams: size }, STAYING];
			await using stage = await Stage.set(name, { services: 200, endpoints: 10 }, groups, options);
			await stage.changes.steadily(CHURN, WARM_UP_MS);
			await stage.streams.caughtUp(stage.changes, [STAYING.id]);
			// The first one is not measured: until the server's code is compiled.
			await oneStorm(stage, size, false);
			for (const versions of [true, false]) {
				const label = `${size.toLocaleString("en")} streams ${versions ? "with" : "without"} versions`;
				found[label] = await oneStorm(stage, size, versions);
			}
		}
		return found;
	},
};

async function oneStorm(stage: Stage, size: number, versions: boolean): Promise<Figures> {
	const { changes, streams } = stage;
	const others = [STAYING.id];
	const calmBefore = await stage.settled();
	await changes.steadily(CHURN, CALM_MS);
	const calm = await streams.caughtUp(changes, others);
	const before = await stage.settled();
	const microsPerPush = (before - calmBefore) / calm.pushes;

	const begin = performance.now();
	const over = new AbortController();
	const churn = changes.steadily(CHURN, over.signal);
	let last: number;
	try {
		await streams.count([LEAVING.id]);
		await streams.leave([LEAVING.id]);
		// What they bring is not the newest: each is to be sent this one.
		changes.make(LEAVING.names[0] as string);
		last = await streams.comeBack({ of: [LEAVING.id], versions, expect: 1 });
	} finally {
		over.abort();
		await churn;
	}
	const ages = await streams.caughtUp(changes, others);
	const { bytes } = await streams.count([LEAVING.id]);
	// Without what the others' changes cost.
	const micros = (await stage.settled()) - before - microsPerPush * ages.pushes;
	return {
		backMs: last - begin,
		cpuMs: micros / 1_000,
		streamMicros: micros / size,
		calmP99Ms: calm.p99,
		p50Ms: ages.p50,
		p99Ms: ages.p99,
		maxMs: ages.max,
		sentKb: bytes / 1_000 / size,
	};
}
