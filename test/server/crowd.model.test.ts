import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "../../src/resources/resource-types.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { event, histories, NAMES, World } from "./model-world.js";
import { PeerServer, SessionPeer } from "./protocol/transcripts/session-peer.js";

/** More than two, so that one may leave what the others share. */
const STREAMS = 3;
const eventOfStream = fc.record({ stream: fc.nat({ max: STREAMS - 1 }), event });

/** What asks for everything by its name. */
const ALL_NAMES = RESOURCE_TYPES.map(({ id }) => ({ do: "subscribe", type: id, add: NAMES, drop: [] }) as const);

/** Streams to one server, each with a client of its own. */
class CrowdWorld {
	readonly worlds: World[];
	readonly server = new PeerServer();

	constructor(modes: readonly Mode[]) {
		this.worlds = modes.map((mode) => new World(mode, undefined, new SessionPeer(this.server)));
	}

	world(stream: number): World {
		return this.worlds[stream] as World;
	}

	/** Until nothing is due for anybody: what one of them answers may concern the others. */
	settle(): void {
		for (let round = 0; round < 8; round++) {
			if (Math.max(...this.worlds.map((world) => world.settle().length)) === 1) return;
		}
		throw new Error("no end of responses");
	}

	/** @returns what there is left of subscriptions when all are closed. */
	close(): number {
		for (const { peer } of this.worlds) peer.close();
		return Math.max(...this.worlds.map(({ peer }) => peer.held));
	}
}

describe.each<{ modes: readonly Mode[] }>([
	{ modes: ["sotw", "sotw", "sotw"] },
	{ modes: ["delta", "delta", "delta"] },
	{ modes: ["sotw", "delta", "delta"] },
])("any history of streams that share what they ask for: $modes", ({ modes }) => {
	it("ends with each client holding what there is, and with a new one, too", () => {
		fc.assert(
			fc.property(fc.array(eventOfStream, { minLength: 1, maxLength: 60, size: "max" }), (events) => {
				const crowd = new CrowdWorld(modes);
				for (const { stream, event } of events) crowd.world(stream).apply(event);
				crowd.settle();
				for (const world of crowd.worlds) world.check();

				for (const mode of new Set(modes)) {
					const late = new World(mode, undefined, new SessionPeer(crowd.server));
					for (const request of ALL_NAMES) late.apply({ ...request, add: [...request.add], drop: [] });
					late.settle();
					late.check();
					crowd.worlds.push(late);
				}
				crowd.settle();
				for (const world of crowd.worlds) world.check();
				expect(crowd.close(), "subscriptions after the end").toBe(0);
			}),
			histories(1_000, `a crowd, ${modes.join()}`),
		);
	});

	it("reaches each of those who want it with a change, and nobody else", () => {
		fc.assert(
			fc.property(fc.array(eventOfStream, { maxLength: 40, size: "max" }), (events) => {
				const crowd = new CrowdWorld(modes);
				for (const { stream, event } of events) crowd.world(stream).apply(event);
				crowd.settle();
				for (const { id } of RESOURCE_TYPES) {
					for (const name of NAMES) {
						crowd.world(0).put(id, name, `${id}${name}`);
						for (const world of crowd.worlds) {
							world.write(1_000);
							const sent = world.inFlight.filter(({ type }) => type.id === id);
							const client = world.client(id);
							const wanted = client.started && client.wants(name);
							const names = sent.map(({ resources }) => resources.get(name));
							expect(names, `${id} ${name}`).toEqual(wanted ? [`${id}${name}`] : []);
						}
						crowd.settle();
					}
				}
				expect(crowd.close(), "subscriptions after the end").toBe(0);
			}),
			histories(250, `changes for a crowd, ${modes.join()}`),
		);
	});
});
