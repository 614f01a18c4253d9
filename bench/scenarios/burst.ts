import { type Scenario, Stage, serviceNames, WITH_PEERS } from "../scenario.js";

const STREAMS = 1_000;
const NAMES = serviceNames(100);
const SINGLE = { warmUp: 15, measured: 15 };
const BURST = { names: NAMES, perSecond: 1_000 };

/** A thousand changes in a second: all clients end with the newest state, and are not pushed to a thousand times. */
export const burst: Scenario = {
	name: "burst",
	title: "burst: 1,000 changes within a second, 1,000 streams that all want the same 100 services",
	columns: {
		singleP99Ms: "single change p99 ms",
		p50Ms: "burst p50 ms",
		p99Ms: "burst p99 ms",
		ratio: "p99 to single's p99",
		pushesPerStream: "pushes/stream",
		mostPushes: "most to one",
		cpuMs: "CPU ms",
		loadMs: "load CPU ms",
		behind: "streams left behind",
	},
	full: WITH_PEERS,
	short: ["fingerpost", "linear"],
	run: async (name, options) => {
		const world = { services: NAMES.length, endpoints: 10 };
		await using stage = await Stage.set(name, world, [{ id: 0, streams: STREAMS, names: NAMES }], options);
		const { changes, streams } = stage;
		// The first burst is not measured: until the server's code is compiled.
		await changes.steadily(BURST, 1_000);
		await streams.caughtUp(changes);
		for (let n = 0; n < SINGLE.warmUp + SINGLE.measured; n++) {
			if (n === SINGLE.warmUp) await streams.ages(changes);
			await stage.settled();
			changes.make(NAMES[n % NAMES.length] as string);
			await streams.caughtUp(changes, [], true);
		}
		const single = await streams.ages(changes);
		const before = await stage.settled();
		const loadBefore = streams.cpuMicros();
		await changes.steadily(BURST, 1_000);
		const { p50, p99, pushes, most, behind } = await streams.caughtUp(changes);
		const micros = (await stage.settled()) - before;
		return {
			"": {
				singleP99Ms: single.p99,
				p50Ms: p50,
				p99Ms: p99,
				ratio: p99 / single.p99,
				pushesPerStream: pushes / STREAMS,
				mostPushes: most,
				cpuMs: micros / 1_000,
				loadMs: (streams.cpuMicros() - loadBefore) / 1_000,
				behind,
			},
		};
	},
};
