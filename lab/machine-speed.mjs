// How fast this machine computes now, so that a limit of computing means the same on a slow one.

/** Milliseconds that the work below takes on the machine that the limits of the tests are meant for. */
const USUAL_MS = 0.2;
/** The quickest of so many is not one that something else came into. */
const TRIES = 5;
const RECORDS = Array.from({ length: 600 }, (_, i) => ({
	name: `service-${i}`,
	address: `10.0.0.${i % 256}`,
	port: i,
}));

/** The kind of work that the server does: text, objects, a map. */
function work() {
	const byName = new Map();
	for (const each of JSON.parse(JSON.stringify(RECORDS))) byName.set(`${each.name}:${each.port}`, each.address);
	return byName.size;
}

function once() {
	const before = performance.now();
	work();
	return performance.now() - before;
}

// What is not compiled yet takes several times as long.
for (let i = 0; i < 200; i++) work();

/** How many times as long as on the usual machine a computation takes here, at least 1. */
export function slowness() {
	return Math.max(1, Math.min(...Array.from({ length: TRIES }, once)) / USUAL_MS);
}
