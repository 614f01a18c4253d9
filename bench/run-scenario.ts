import { medianOf } from "./median.js";
import type { Figures, Scenario, ScenarioOptions } from "./scenario.js";
import { type ServerName, TITLES } from "./servers.js";

/** What one server showed in one variant of a scenario. */
export interface ScenarioRow {
	readonly server: ServerName;
	/** Empty where there is only one. */
	readonly variant: string;
	readonly median: Figures;
	/** Of each round, so that the spread can be seen. */
	readonly rounds: readonly Figures[];
}

export interface ScenarioResult extends Pick<Scenario, "name" | "title" | "columns"> {
	readonly rows: readonly ScenarioRow[];
}

/** Each server in turns, and the medians of the rounds. The first server's recording is what the others serve. */
export async function runScenario(
	scenario: Scenario,
	servers: readonly ServerName[],
	rounds: number,
	options: ScenarioOptions,
): Promise<ScenarioResult> {
	const { name, title, columns } = scenario;
	const samples = new Map<string, { server: ServerName; variant: string; rounds: Figures[] }>();
	for (let round = 0; round < rounds; round++) {
		for (const server of servers) {
			process.stderr.write(`${name}, round ${round + 1} of ${rounds}, ${TITLES[server]}\n`);
			for (const [variant, figures] of Object.entries(await scenario.run(server, options))) {
				const key = `${variant}/${server}`;
				const row = samples.get(key) ?? { server, variant, rounds: [] };
				row.rounds.push(figures);
				samples.set(key, row);
			}
		}
	}
	const variants = [...new Set([...samples.values()].map(({ variant }) => variant))];
	const rows = variants.flatMap((variant) => [...samples.values()].filter((row) => row.variant === variant));
	return { name, title, columns, rows: rows.map((row) => ({ ...row, median: medianOf(row.rounds) })) };
}
