import { parseArgs } from "node:util";
import { seededRandom } from "../seeded-random.js";
import { KilledProcess } from "./killed-process.js";

const HELP = `npm run kill -- [--count N] [--seed N]

Kills a Fingerpost at random moments while its sources and its config change, and starts it again without its sources.
It has to start each time, and to serve what it served before.

  --count N   how often; 200
  --seed N    of the moments; a new one unless given, and printed
`;

const { values } = parseArgs({
	options: {
		count: { type: "string", default: "200" },
		seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
		help: { type: "boolean" },
	},
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (values.help) process.stdout.write(HELP);
else if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed)) {
	process.stderr.write(HELP);
	process.exitCode = 2;
} else {
	process.stdout.write(`${count} times, seed ${seed}\n`);
	const random = seededRandom(seed);
	const begun = performance.now();
	await using killed = await KilledProcess.start();
	let wrong = 0;
	for (let i = 1; i <= count; i++) {
		const found = await killed.kill(random);
		wrong += Number(found.length > 0);
		for (const each of found) process.stdout.write(`${i}: never served: ${each}\n`);
		if (i % 20 === 0) process.stdout.write(`${i} of ${count}\n`);
	}
	const seconds = Math.round((performance.now() - begun) / 1_000);
	process.stdout.write(
		`killed ${count} times in ${seconds} s: always started, ${wrong} times with what was never served\n`,
	);
	process.exitCode = wrong > 0 ? 1 : 0;
}
