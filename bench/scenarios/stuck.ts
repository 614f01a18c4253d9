import { rssKiB } from "../process-cost.js";
import { type Scenario, type ScenarioOptions, Stage, serviceNames } from "../scenario.js";
import { LARGE, type ServerName } from "../servers.js";

const NAMES = serviceNames(10);
const OTHERS = { id: 0, streams: 100, names: NAMES };
const STUCK = { id: 1, streams: 1, names: [LARGE] };
const CHURN = { names: NAMES, perSecond: 10 };
/** Of the service of 1 MiB. */
const LARGE_CHURN = { names: [LARGE], perSecond: 100 };
const WARM_UP_MS = 3_000;
const READING_MS = 5_000;
const LOOK_MS = 500;

/** A client that does not read while what it wants changes and changes: it must cost neither memory nor the others. */
export const stuck: Scenario = {
	name: "stuck",
	title:
		"stuck: 100 changes a second of 1 MiB that one client wants, which then does not read; 10 a second to 100 others",
	columns: {
		seconds: "not read for s",
		readingP99Ms: "others while it reads, stale p99 ms",
		p99Ms: "others meanwhile, p99 ms",
		maxMs: "longest ms",
		rssBeforeMb: "RSS before MB",
		rssMostMb: "most meanwhile",
		rssAfterMb: "at the end",
		cores: "cores meanwhile",
		pushesAfter: "pushes when it reads again",
		newestMs: "newest state after ms",
		ended: "ended",
	},
	full: ["fingerpost", "linear"],
	short: [],
	run: async (name, options) => ({ "": await run(name, options) }),
};

async function run(name: ServerName, options: ScenarioOptions) {
	const world = { services: NAMES.length, endpoints: 10, large: true };
	await using stage = await Stage.set(name, world, [OTHERS, STUCK], options);
	const { changes, streams, pid } = stage;
	const churning = async (ms: number) => {
		await Promise.all([changes.steadily(CHURN, ms), changes.steadily(LARGE_CHURN, ms)]);
	};
	await churning(WARM_UP_MS);
	await streams.ages(changes);
	await churning(READING_MS);
	const reading = await streams.caughtUp(changes, [OTHERS.id]);
	const rssBefore = rssKiB(pid);

	const cpuBefore = await stage.settled();
	await streams.hold([STUCK.id]);
	let rssMost = 0;
	const begin = performance.now();
	const looking = setInterval(() => {
		rssMost = Math.max(rssMost, rssKiB(pid));
	}, LOOK_MS);
	try {
		await churning(options.stuckSeconds * 1_000);
	} finally {
		clearInterval(looking);
	}
	const rssAfter = rssKiB(pid);
	const micros = (await stage.settled()) - cpuBefore;
	const { p99, max } = await streams.caughtUp(changes, [OTHERS.id]);
	const end = performance.now();
	await streams.resume([STUCK.id]);
	const { most, ended } = await streams.caughtUp(changes);
	return {
		seconds: options.stuckSeconds,
		readingP99Ms: reading.p99,
		p99Ms: p99,
		maxMs: max,
		rssBeforeMb: rssBefore / 1_024,
		rssMostMb: Math.max(rssMost, rssAfter) / 1_024,
		rssAfterMb: rssAfter / 1_024,
		cores: micros / 1_000 / (end - begin),
		pushesAfter: most,
		newestMs: performance.now() - end,
		ended,
	};
}
