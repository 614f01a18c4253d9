import { rssKiB } from "../process-cost.js";
import { type Figures, type Scenario, Stage, serviceNames, WITH_PEERS } from "../scenario.js";

const STREAMS = 1_000;
const NAMES = serviceNames(100);
const ROUNDS = 4;
const CHURN = { names: NAMES, perSecond: 20 };
const CHURN_MS = 500;

/** What is left of clients that have gone. */
export const left: Scenario = {
	name: "left",
	title:
		"left: memory in use, after collection of garbage, with 1,000 streams (each wants 100 services) and after all have gone",
	columns: {
		beforeKib: "before KiB",
		withKib: "with them KiB",
		firstKib: "after the 1st time KiB",
		lastKib: `after the ${ROUNDS}th KiB`,
		leftBytes: "left bytes/stream and time",
		rssWithKib: "RSS with them KiB",
		rssLastKib: "RSS at the end",
	},
	full: WITH_PEERS,
	short: [],
	run: async (name, options) => {
		const world = { services: NAMES.length, endpoints: 10 };
		const groups = [{ id: 0, streams: STREAMS, names: NAMES }];
		let beforeKib = 0;
		await using stage = await Stage.set(name, world, groups, options, async (server) => {
			beforeKib = await server.usedKiB();
		});
		const { changes, streams, server } = stage;
		const used: number[] = [];
		let withKib = 0;
		let rssWithKib = 0;
		for (let round = 0; round < ROUNDS; round++) {
			if (round > 0) await streams.comeBack({ of: [], versions: false });
			await changes.steadily(CHURN, CHURN_MS);
			await stage.settled();
			withKib = await server.usedKiB();
			rssWithKib = rssKiB(stage.pid);
			await streams.leave([]);
			await stage.settled();
			used.push(await server.usedKiB());
		}
		const [first, last] = [used[0] as number, used.at(-1) as number];
		const figures: Figures = {
			beforeKib,
			withKib,
			firstKib: first,
			lastKib: last,
			leftBytes: ((last - first) * 1_024) / STREAMS / (ROUNDS - 1),
			rssWithKib,
			rssLastKib: rssKiB(stage.pid),
		};
		return { "": figures };
	},
};
