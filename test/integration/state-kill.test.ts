import { expect, it } from "vitest";
import { KilledProcess } from "../../lab/kill/killed-process.js";

/** How often it is killed; `npm run kill` does it more often. */
const KILLS = 20;

it(`a process that is killed while everything changes starts again with what was once served: ${KILLS} times`, async () => {
	await using killed = await KilledProcess.start();
	for (let i = 1; i <= KILLS; i++) expect(await killed.kill(Math.random), `kill ${i}`).toEqual([]);
});
