import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "../../src/resources/resource-types.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { type Event, event, histories, NAMES, type, World } from "./model-world.js";
import { EMPTY } from "./protocol/transcripts/content.js";
import type { Response } from "./protocol/transcripts/read-response.js";

const BAD = "bad";

const withBad = fc.oneof(
	{ weight: 6, arbitrary: event },
	{
		weight: 1,
		arbitrary: fc.record({ do: fc.constant("put"), type, name: fc.constant("a"), content: fc.constant(BAD) }),
	},
);

function isBad({ resources }: Response): boolean {
	return [...resources.values()].includes(BAD);
}

describe.each<Mode>(["sotw", "delta"])("a %s client that rejects whatever holds one bad resource", (mode) => {
	it("gets all others, never loops, and gets that one when it is mended (R7)", () => {
		fc.assert(
			fc.property(fc.array(withBad, { minLength: 1, maxLength: 40, size: "max" }), (events) => {
				const world = new World(mode, isBad);
				// What it brings along of an earlier stream may be an older version of what it rejects: then nothing is probed.
				for (const each of events) world.apply((each.do === "reconnect" ? { ...each, keeps: false } : each) as Event);
				world.settle();
				check(world, mode, false);
				// Each event may bring the bad one once to this stream, and then the search for it takes at most 3 more.
				expect(world.nacks).toBeLessThanOrEqual(4 * events.length);

				for (const { id } of RESOURCE_TYPES) if (world.contents.get(`${id} a`) === BAD) world.put(id, "a", "mended");
				world.settle();
				check(world, mode, true);
				world.peer.close();
				expect(world.peer.held, "subscriptions after the end").toBe(0);
			}),
			histories(4_000, `rejects one, ${mode}`),
		);
	});
});

function check(world: World, mode: Mode, mended: boolean): void {
	for (const client of world.clients.values()) {
		const set = world.peer.set(client.type);
		for (const name of NAMES) {
			const content = world.contents.get(`${client.type} ${name}`);
			const unknown = content === undefined && (set.isAwaited(name) || (client.type === "rds" && mode === "sotw"));
			// A search may be given up within its bound, but not in silence.
			const givenUp = world.peer.session.status()[client.type]?.nacked?.resources.includes(name);
			if (!client.started || !client.wants(name) || unknown || givenUp) continue;
			const holds = client.holds.get(name) ?? EMPTY;
			if (content === BAD) expect(mended, `${client.type} ${name} is bad still`).toBe(false);
			else expect(holds, `${client.type} ${name}`).toBe(content ?? EMPTY);
		}
	}
}
