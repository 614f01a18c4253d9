import { defineConfig } from "vitest/config";
import { CiReporter } from "./lab/ci-reporter.js";

const LAB = [
	"test/lab/**/*.test.ts",
	"test/envoy/**/*.test.ts",
	"test/integration/**/*.test.ts",
	"test/hostile/**/*.test.ts",
];

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
					exclude: LAB,
					...LIMITS,
					sequence: { groupOrder: 0 },
				},
			},
			{
				// Real programs: the built server, Envoys, gRPC clients. Each file starts its own, so few files at a time.
				test: {
					name: "lab",
					include: LAB,
					globalSetup: ["lab/global-setup.ts"],
					pool: "forks",
					maxWorkers: 2,
					...LIMITS,
					sequence: { groupOrder: 1 },
				},
			},
		],
	},
});
