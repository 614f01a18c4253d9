import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "../../src/resources/resource-types.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { event, histories, NAMES, World } from "./model-world.js";

const heartbeat = fc.record({ heartbeat: fc.constantFrom("on time", "late") });
const eventOrHeartbeat = fc.oneof({ weight: 4, arbitrary: event }, { weight: 1, arbitrary: heartbeat });

describe.each<Mode>(["sotw", "delta"])("R26: any history of a %s session with a time to live", (mode) => {
	it("ends with the client holding what there is, and a heartbeat for all of it", () => {
		fc.assert(
			fc.property(fc.array(eventOrHeartbeat, { minLength: 1, maxLength: 40, size: "max" }), (events) => {
				const world = new World(mode);
				world.peer.ttl = 30_000;
				for (const each of events) {
					if ("heartbeat" in each) world.peer.session.heartbeat(each.heartbeat === "late");
					else world.apply(each);
				}
				world.settle();
				world.check();

				for (const client of world.clients.values()) client.renewed.clear();
				world.peer.session.heartbeat(false);
				world.settle();
				world.check();
				for (const { id, expires = false } of RESOURCE_TYPES) {
					const { renewed, rejected, refused, holds } = world.client(id);
					for (const name of NAMES) {
						const wants = world.client(id).wants(name) && world.client(id).started;
						const doubtful = rejected.has(name) || [...refused].some((each) => each.startsWith(`${name} `));
						if (!expires) expect(renewed.has(name), `${id} ${name} gets none`).toBe(false);
						else if (wants && holds.has(name) && world.peer.set(id).get(name) && !doubtful)
							expect(renewed.has(name), `${id} ${name} gets a heartbeat`).toBe(true);
					}
				}
				world.peer.close();
				expect(world.peer.held, "subscriptions after the end").toBe(0);
			}),
			histories(3_000, `time to live, ${mode}`),
		);
	});
});
