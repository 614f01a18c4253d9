import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { CiReporter } from "./lab/ci-reporter.js";

/** What runs the built program, once for each question: as slow as it is to start. */
const PROGRAM = [
	"test/cli/{guarded-admin,outputs}.test.ts",
	"test/cli/program.test.ts",
	"test/cli/bootstrap/*.test.ts",
	"test/cli/commands/{approve,clients,completion,diff,discover,health,services,show,status,validate,watch}.test.ts",
];
/** What replaces modules or the randomness of all, holds the clock beside sockets, or counts what is in memory: each file in a process of its own. */
const ALONE = [
	"test/app/{change-log,control-plane-state}.test.ts",
	"test/change-cost.test.ts",
	"test/kubernetes-at-size.test.ts",
	"test/cache/{cache,cache-memory}.test.ts",
	"test/config/known-services.test.ts",
	"test/input/known-endpoints.test.ts",
	"test/mutants/**/*.test.ts",
	"test/providers/consul/{blocking-queries,change-feed}.test.ts",
	"test/providers/dns/{dns-target,name-without-port,shared-queries,watched-name}.test.ts",
	"test/providers/dns/client/ask-servers.test.ts",
	"test/providers/http/{asked-lists,sent-lists}.test.ts",
	"test/providers/kubernetes/{like-kubectl,loaded-on-demand}.test.ts",
	"test/providers/nomad/nomad-queries.test.ts",
	"test/providers/poll/{poll,polled-provider}.test.ts",
	"test/server/{closed-streams,memory}.test.ts",
	"test/server/protocol/subscription/initial-draft.test.ts",
	"test/server/wire/interned-names.test.ts",
	"test/server/transport/door/hellos.test.ts",
	"test/util/time-limit.test.ts",
	"test/util/tokens/followed-keys.test.ts",
];
const LAB = [
	"test/lab/**/*.test.ts",
	"test/browser/**/*.test.ts",
	"test/envoy/**/*.test.ts",
	"test/integration/**/*.test.ts",
	"test/hostile/**/*.test.ts",
];

/** Many tests wait for something. */
const WORKERS = 3 * availableParallelism();

/** CI shares its two cores with what it measures. Its last lines tell what passed at the second try only, and why: a seed, too. */
const SECOND_TRY = process.env.CI === "true" ? 1 : 0;

/** For what hangs; a test that is slow on a busy machine passes. Longer than lab/patience.ts. */
const LIMITS = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000, interval: 20 } } };

export default defineConfig({
	test: {
		reporters: ["default", new CiReporter()],
		// For the workers that src starts from its TypeScript.
		execArgv: ["--import", new URL("lab/ts-hook.mjs", import.meta.url).href],
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/**/*.test.ts"],
					exclude: [...ALONE, ...PROGRAM, ...LAB],
					// To import the sources for each file takes a fifth of the time.
					isolate: false,
					retry: SECOND_TRY,
					globalSetup: ["lab/generate.ts"],
					maxWorkers: WORKERS,
					...LIMITS,
					// An hour where somebody searches longer.
					...(process.env.FC_RUNS && { testTimeout: 3_600_000 }),
					sequence: { groupOrder: 0 },
				},
			},
			{
				test: {
					name: "unit-alone",
					include: ALONE,
					exclude: LAB,
					retry: SECOND_TRY,
					globalSetup: ["lab/generate.ts"],
					maxWorkers: WORKERS,
					...LIMITS,
					// An hour where somebody searches longer.
					...(process.env.FC_RUNS && { testTimeout: 3_600_000 }),
					sequence: { groupOrder: 0 },
				},
			},
			{
				test: {
					name: "program",
					include: PROGRAM,
					retry: SECOND_TRY,
					globalSetup: ["lab/generate.ts"],
					maxWorkers: "100%",
					...LIMITS,
					sequence: { groupOrder: 1 },
				},
			},
			{
				// Real programs: the built server, Envoys, gRPC clients. Each file starts its own, so few files at a time.
				test: {
					name: "lab",
					include: LAB,
					globalSetup: ["lab/generate.ts", "lab/global-setup.ts"],
					pool: "forks",
					maxWorkers: 2,
					...LIMITS,
					retry: SECOND_TRY,
					sequence: { groupOrder: 2 },
				},
			},
		],
	},
});
