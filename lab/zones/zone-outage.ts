import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../wait-until.js";
import { ZoneLab, type ZoneLabOptions } from "./zone-lab.js";
import { RATE } from "./zoned-client.js";

export interface OutageOptions extends Pick<ZoneLabOptions, "protocol" | "start" | "clients" | "settings"> {
	/** In each zone. */
	readonly endpoints: number;
	/** Milliseconds for which the zone stays away at least. */
	readonly away: number;
}

export interface OutageFigures {
	/** Of all clients, from before the kill until the zone is back. */
	readonly requests: number;
	readonly failed: number;
	/** The first failures in words. */
	readonly failures: readonly string[];
	/** Milliseconds from the kill until the zone's clients are answered as often as before. */
	readonly over: number;
	/** Milliseconds from the start of its endpoints until they have their part of the answers again. */
	readonly back: number;
	/** What clients have rejected. */
	readonly nacks: readonly string[];
}

/** The service that is asked. */
export const OUTAGE_SERVICE = "web";

/** What a user says of a service whose requests may be repeated: then those that were under way are not lost either. */
export const REPEATABLE = { retries: { attempts: 5, on: ["reset", "unavailable"], backOff: { base: "100ms" } } };

/** The zone that is killed. */
const ZONE = "a";

/** Milliseconds until a request is answered, so that under load several are under way at any time. */
const TAKES = 30;

/** Milliseconds in which answers are counted. */
const WINDOW = 250;

/** Of the answers, or of the zone's part of them, that there were before: where that many are, all is as it was. */
const NEARLY = 0.7;

/** Longer than any client leaves an endpoint out, or waits before it connects again. */
const LIMIT = { timeout: 120_000 };

/**
 * Under load all endpoints of a zone are killed at once, and come back later. They stay in the config, so that the clients
 * have to find out by themselves.
 */
export async function zoneOutage({ endpoints, away, ...kind }: OutageOptions): Promise<OutageFigures> {
	const layouts = { [OUTAGE_SERVICE]: [endpoints, endpoints, endpoints] } as const;
	await using lab = await ZoneLab.start({ ...kind, layouts, processes: { takes: TAKES } });
	const zone = lab.processOf(OUTAGE_SERVICE, ZONE);
	await lab.startLoads(OUTAGE_SERVICE);
	await lab.settled(OUTAGE_SERVICE);
	const window = () => answersIn(lab, kind.clients);
	const before = await waitUntil("the zone is in use", async () => {
		const seen = await window();
		return seen.ofZone > 0 && seen;
	});

	// A load that is behind makes up for it: more than it was to have no client needs to have.
	const usual = NEARLY * Math.min(before.ok, RATE * kind.clients.filter((zone) => zone === ZONE).length);

	const killed = performance.now();
	await zone.kill();
	await waitUntil("the others answer", async () => (await window()).ok > usual, LIMIT);
	const over = performance.now() - killed;
	await sleep(Math.max(0, away - over));

	await zone.startAgain();
	const started = performance.now();
	const share = before.ofZone / before.ok;
	await waitUntil(
		"the zone has its part again",
		async () => {
			const { ok, ofZone } = await window();
			return ok > usual && ofZone > NEARLY * share * ok;
		},
		LIMIT,
	);
	const back = performance.now() - started;
	const results = await lab.stopLoads(OUTAGE_SERVICE);
	const failed = sumOf(results, (each) => each.failed);
	return {
		requests: failed + sumOf(results, ({ ok }) => ok),
		failed,
		failures: results.flatMap(({ failures }) => failures),
		over,
		back,
		nacks: await lab.fingerpost.nacks(),
	};
}

interface Answers {
	readonly ok: number;
	readonly ofZone: number;
}

/** What the zone's clients are answered in a second, and how much of that by the zone. */
async function answersIn(lab: ZoneLab, clients: readonly string[]): Promise<Answers> {
	const [first, started] = [await count(lab, clients), performance.now()];
	await sleep(WINDOW);
	const [last, seconds] = [await count(lab, clients), (performance.now() - started) / 1_000];
	return { ok: (last.ok - first.ok) / seconds, ofZone: (last.ofZone - first.ofZone) / seconds };
}

async function count(lab: ZoneLab, clients: readonly string[]): Promise<Answers> {
	const results = await lab.readLoads(OUTAGE_SERVICE);
	const ofZone = results.filter((_, i) => clients[i] === ZONE);
	const names = ofZone.flatMap(({ byBackend }) => Object.entries(byBackend)).filter(([name]) => name.startsWith(ZONE));
	return { ok: sumOf(ofZone, ({ ok }) => ok), ofZone: sumOf(names, ([, answers]) => answers) };
}

function sumOf<T>(of: readonly T[], value: (each: T) => number): number {
	return of.reduce((sum, each) => sum + value(each), 0);
}
