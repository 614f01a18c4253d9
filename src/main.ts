#!/usr/bin/env node
import { nodeProblem } from "./util/node/node-version.js";

// Nothing else is imported before: an older Node could not even load it.
const problem = nodeProblem();
if (problem === undefined) {
	const { runCli } = await import("./cli/cli.js");
	process.exitCode = await runCli(process.argv.slice(2));
} else {
	console.error(
		`error: ${problem}; in a checkout \`npx fingerpost\` takes the project's own, which \`npm ci\` brings unless it runs no scripts (then: npm rebuild node --ignore-scripts=false)`,
	);
	process.exitCode = 1;
}
