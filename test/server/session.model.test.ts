import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES, resourceType } from "../../src/resources/resource-types.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { eventOrMeanwhile, histories, NAMES, name, type, World } from "./model-world.js";

describe.each<Mode>(["sotw", "delta"])("any history of a %s session", (mode) => {
	it("ends with the client holding what there is, without a response too many (R4, R7, R10, R12, R19, R22)", () => {
		fc.assert(
			fc.property(fc.array(eventOrMeanwhile, { minLength: 1, maxLength: 40, size: "max" }), (events) => {
				const world = new World(mode);
				for (const event of events) world.apply(event);
				const rounds = world.settle();
				world.check();

				// What crossed on the way may need the request that follows, then ACKs alone: they cause nothing.
				expect(rounds.length).toBeLessThanOrEqual(4);
				// A request or change concerns a type and its child, in one response or a union and a final set.
				expect(world.responses).toBeLessThanOrEqual(8 * (events.length + 1));

				// Saying again what is so changes nothing.
				for (const { id } of RESOURCE_TYPES) {
					for (const name of NAMES) {
						const resource = world.peer.set(id).get(name);
						if (resource) world.peer.set(id).put(resource, 0);
						else if (!world.peer.set(id).isAwaited(name)) world.peer.remove(id, name);
					}
				}
				expect(world.write(1), "a response though nothing changed").toBe(0);

				world.peer.close();
				expect(world.peer.held, "subscriptions after the end").toBe(0);
			}),
			histories(4_000, `ends right, ${mode}`),
		);
	});

	it("reaches its client with a change at once, and with nothing else (R7, R17)", () => {
		fc.assert(
			fc.property(fc.array(eventOrMeanwhile, { maxLength: 30, size: "max" }), type, name, (events, type, name) => {
				const world = new World(mode);
				for (const event of events) world.apply(event);
				world.settle();
				const client = world.client(type);
				const wanted = client.started && client.wants(name);
				world.peer.put(type, name, "new");
				world.write(1_000);
				const sent = world.inFlight.filter((response) => response.type.id === type);
				expect(sent.length).toBe(wanted ? 1 : 0);
				if (wanted) expect(sent[0]?.resources.get(name)).toBe("new");
				// R17: with a parent at most the child of the same name comes.
				for (const response of world.inFlight.filter((other) => other.type.id !== type)) {
					expect(response.type.id).toBe(resourceType(type).child);
					expect([...response.resources.keys(), ...response.removed]).toEqual([name]);
				}
				world.peer.close();
			}),
			histories(1_000, `reached at once, ${mode}`),
		);
	});

	it("leaves nothing behind where it ends in the middle of a request", () => {
		const step = fc.integer({ min: 1, max: 6 });
		fc.assert(
			fc.property(fc.array(eventOrMeanwhile, { maxLength: 20 }), type, step, (events, type, step) => {
				const world = new World(mode);
				for (const event of events) world.apply(event);
				const ended = new Error("ended");
				const end = (at: number) => {
					if (at !== step) return;
					world.peer.close();
					throw ended;
				};
				try {
					world.peer.send(world.client(type).change(["a", "b"], ["c"]), end);
				} catch (error) {
					expect(error).toBe(ended);
				}
				world.peer.close();
				expect(world.peer.held).toBe(0);
				for (const name of NAMES) world.peer.put(type, name, "2");
				expect(world.peer.held).toBe(0);
			}),
			histories(500, `ended, ${mode}`),
		);
	});
});
