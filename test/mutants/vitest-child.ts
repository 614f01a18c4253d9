import { relative, resolve } from "node:path";
import { BaseSequencer, createVitest, type TestModule, type TestSpecification } from "vitest/node";

/** What is asked of the child: which file of the tree changed since, and which tests to run, in this order. */
export interface Asked {
	readonly changed: readonly string[];
	readonly files: readonly string[];
}

/** How it went, up to the first failure; first of all the names of all unit tests. */
export type Told =
	| { readonly tests: readonly string[] }
	| {
			/** The test file that failed. */
			readonly failed: string | undefined;
			readonly why: string;
			/** Milliseconds that each file took, with its imports. */
			readonly took: Readonly<Record<string, number>>;
	  };

/** The order is that of the asker. */
class AsAsked extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		return files;
	}
}

let ended: TestModule[] = [];
const vitest = await createVitest({
	watch: false,
	bail: 1,
	fileParallelism: false,
	sequence: { sequencer: AsAsked },
	reporters: [{ onTestModuleEnd: (module) => void ended.push(module) }],
	silent: true,
});
await vitest.standalone();
const found = await vitest.globTestSpecifications();
const specifications = new Map(
	found
		.filter(({ project }) => project.name.startsWith("unit"))
		.map((each) => [relative(process.cwd(), each.moduleId), each]),
);
tell({ tests: [...specifications.keys()] });
process.on("message", (asked) => void answer(asked as Asked));
// Whoever asks has gone.
process.on("disconnect", () => process.exit());

async function answer({ changed, files }: Asked): Promise<void> {
	for (const file of changed) vitest.invalidateFile(resolve(file));
	ended = [];
	const { unhandledErrors } = await vitest.runTestSpecifications(
		files.map((file) => specifications.get(file) as TestSpecification),
	);
	const failed = ended.find((module) => !module.ok());
	const errors = failed ? [...failed.errors(), ...errorsOf(failed)] : unhandledErrors;
	tell({
		failed: failed ? relative(process.cwd(), failed.moduleId) : unhandledErrors.length > 0 ? files.at(-1) : undefined,
		why: errors.map((error) => (error as Error).stack ?? String(error)).join("\n"),
		took: Object.fromEntries(ended.map((module) => [relative(process.cwd(), module.moduleId), durationOf(module)])),
	});
}

function errorsOf(module: TestModule): readonly { readonly stack?: string }[] {
	return [...module.children.allTests("failed")].flatMap((test) => test.result().errors ?? []);
}

function durationOf(module: TestModule): number {
	const { prepareDuration, environmentSetupDuration, collectDuration, setupDuration, duration } = module.diagnostic();
	return prepareDuration + environmentSetupDuration + collectDuration + setupDuration + duration;
}

function tell(told: Told): void {
	process.send?.(told);
}
