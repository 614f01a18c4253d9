import { defineConfig } from "vitest/config";
import { CiReporter } from "./lab/ci-reporter.js";

const LAB = ["test/lab/**/*.test.ts", "test/envoy/**/*.test.ts", "test/integration/**/*.test.ts"];

export default defineConfig({
	test: {
		reporters: ["default", new CiReporter()],
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/**/*.test.ts"],
					exclude: LAB,
					globalSetup: ["lab/generate.ts"],
					// Thousands of random histories, on a machine that is busy; an hour where somebody searches longer.
					testTimeout: process.env.FC_RUNS ? 3_600_000 : 60_000,
					sequence: { groupOrder: 0 },
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
					testTimeout: 60_000,
					hookTimeout: 60_000,
					sequence: { groupOrder: 1 },
				},
			},
		],
	},
});
