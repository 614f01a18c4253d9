import { median } from "../median.js";
import { type Figures, type Scenario, type ScenarioOptions, Stage, serviceNames } from "../scenario.js";
import { LONE, LONE_GROUP, type ServerName, type World } from "../servers.js";

const NAMES = serviceNames(10);
const SMALL = { services: 1_000, endpoints: 10, streams: 100 };
const CHANGES = { warmUp: 20, measured: 15 };

/** The small world, and what is ten times as much in the others. */
const VARIANTS: Readonly<Record<string, World & { readonly streams: number }>> = {
	"1,000 services × 10, 100 streams": SMALL,
	"10,000 services": { ...SMALL, services: 10_000 },
	"100 endpoints in each other service": { ...SMALL, others: { from: NAMES.length, endpoints: 100 } },
	"1,000 streams": { ...SMALL, streams: 1_000 },
};

/** What a change costs in a world that is ten times as large. */
export const ratios: Scenario = {
	name: "ratios",
	title:
		"ratios: a change of one of 10 services that all streams want, and of one that a single stream wants, in larger worlds",
	columns: {
		changeMs: "CPU ms/change",
		ratio: "to the first",
		loneMs: "one stream's, CPU ms",
		loneRatio: "to the first",
	},
	full: ["fingerpost"],
	short: [],
	run: async (name, options) => {
		const found: Record<string, Figures> = {};
		let first: { readonly changeMs: number; readonly loneMs: number } | undefined;
		for (const [label, world] of Object.entries(VARIANTS)) {
			const costs = await costsIn(name, world, options);
			first ??= costs;
			found[label] = { ...costs, ratio: costs.changeMs / first.changeMs, loneRatio: costs.loneMs / first.loneMs };
		}
		return found;
	},
};

async function costsIn(name: ServerName, { streams, ...world }: World & { streams: number }, options: ScenarioOptions) {
	const groups = [
		{ id: 0, streams, names: NAMES },
		{ id: LONE_GROUP, streams: 1, names: [LONE] },
	];
	await using stage = await Stage.set(name, world, groups, options);
	const costs: { readonly [service: string]: number[] } = { [NAMES[0] as string]: [], [LONE]: [] };
	for (let n = 0; n < CHANGES.warmUp + CHANGES.measured; n++) {
		for (const [service, list] of Object.entries(costs)) {
			const before = await stage.settled();
			stage.changes.make(service);
			await stage.streams.caughtUp(stage.changes);
			if (n >= CHANGES.warmUp) list.push(((await stage.settled()) - before) / 1_000);
		}
	}
	return { changeMs: median(costs[NAMES[0] as string] as number[]), loneMs: median(costs[LONE] as number[]) };
}
