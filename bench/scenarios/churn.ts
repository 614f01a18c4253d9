import { type Figures, type Scenario, Stage, serviceNames, WITH_PEERS } from "../scenario.js";

const STREAMS = 1_000;
const NAMES = serviceNames(100);
/** Changes a second: fewer than any server can push one by one, and more. */
const RATES = [10, 50] as const;
const WARM_UP_MS = 2_000;
const MEASURED_MS = 5_000;

/** Changes at a steady rate: how old what arrives is, and how much a server that cannot follow leaves out. */
export const churn: Scenario = {
	name: "churn",
	title: "churn: changes at a steady rate, 1,000 streams that all want the same 100 services",
	columns: {
		p50Ms: "stale p50 ms",
		p99Ms: "p99 ms",
		maxMs: "longest ms",
		changeMs: "CPU ms/change",
		messagesPerChange: "messages/change and stream",
		loadMs: "load CPU ms/change",
		catchUpMs: "to the newest state after the last change, ms",
	},
	full: WITH_PEERS,
	short: ["fingerpost", "linear"],
	run: async (name, options) => {
		const world = { services: NAMES.length, endpoints: 10 };
		await using stage = await Stage.set(name, world, [{ id: 0, streams: STREAMS, names: NAMES }], options);
		const { changes, streams } = stage;
		const found: Record<string, Figures> = {};
		for (const perSecond of RATES) {
			await changes.steadily({ names: NAMES, perSecond }, WARM_UP_MS);
			await streams.caughtUp(changes);
			const before = await stage.settled();
			const loadBefore = streams.cpuMicros();
			const made = changes.made;
			await changes.steadily({ names: NAMES, perSecond }, MEASURED_MS);
			const end = performance.now();
			const { p50, p99, max, pushes } = await streams.caughtUp(changes);
			const catchUpMs = performance.now() - end;
			const micros = (await stage.settled()) - before;
			const count = changes.made - made;
			found[`${perSecond} changes a second`] = {
				p50Ms: p50,
				p99Ms: p99,
				maxMs: max,
				changeMs: micros / 1_000 / count,
				messagesPerChange: pushes / STREAMS / count,
				loadMs: (streams.cpuMicros() - loadBefore) / 1_000 / count,
				catchUpMs,
			};
		}
		return found;
	},
};
