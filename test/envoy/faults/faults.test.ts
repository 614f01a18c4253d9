import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEnvoys } from "../../../lab/describe-envoys.js";
import { FAULTS, type FaultRow, type FaultySources } from "../../../lab/faults/fault.js";
import { FAULT_ROWS } from "../../../lab/faults/rows.js";
import { serverBinary } from "../../../lab/server-binary.js";
import { PROVIDER_KINDS } from "../../../src/providers/provider-kinds.js";
import { FaultRun } from "./fault-run.js";
import { FaultTable } from "./fault-table.js";

/** Milliseconds: a minute and a half, but for a machine that is very busy. */
const LIMIT = 900_000;

const missingOf = ({ programs }: FaultRow) => programs.filter((program) => !serverBinary(program));
const TRIED = FAULT_ROWS.filter((row) => missingOf(row).length === 0);

describe("the table of faults", () => {
	it("has every provider that has a source, and every fault", async () => {
		const table = await FaultTable.read();
		const types = new Set([...FAULT_ROWS.map(({ type }) => type), "static"]);
		expect([...types].sort()).toEqual(PROVIDER_KINDS.map(({ type }) => type).sort());
		expect(table.columns).toEqual(FAULT_ROWS.map(({ name }) => name));
		expect(table.labels.filter((label) => !label.includes(","))).toEqual(FAULTS);
	});

	for (const row of FAULT_ROWS) {
		const missing = missingOf(row).join(" and ");
		if (missing === "") continue;
		if (process.env.CI === "true") throw new Error(`${missing} missing, which the faults of ${row.name} take`);
		it.skip(`${row.name} (skipped: ${missing} missing)`, () => {});
	}
});

describeEnvoys(
	"sources that fail under load",
	({ binary }) => {
		const rows = new Map<FaultRow, FaultySources>();

		beforeAll(async () => {
			await Promise.all(TRIED.map(async (row) => rows.set(row, await row.start())));
		});

		afterAll(async () => {
			for (const sources of rows.values()) await sources[Symbol.asyncDispose]();
		});

		it.concurrent.for([
			{ state: false, when: "while Fingerpost runs" },
			{ state: true, when: "while it is started again with its state" },
		])(
			"cost no request $when, and clients hold what the table says",
			{ timeout: LIMIT },
			async ({ state }, { expect }) => {
				const table = await FaultTable.read();
				await using run = await FaultRun.start({ envoy: binary, rows, state });
				await run.begin(table);
				await run.fail();
				const seen = [await run.heldAt(2), await run.heldAt(20)];
				for (const { service, provider, fault, guard } of run.cells) {
					// In the words of the table; the second ones where they are others.
					const words = [...new Set(seen.map((held) => held.get(service)))].join(", ");
					const expected = table.held(provider, fault, { guard, state });
					if (words !== expected) expect.soft(words, await run.explain(service)).toBe(expected);
				}
				await run.noticed();
				await run.loaded();
				expect(await run.troubles()).toEqual([]);
				await run.recover();
				await run.loaded();
				expect(await run.troubles()).toEqual([]);
			},
		);
	},
	{ versions: ["1.40.0"], modes: ["delta"] },
);
