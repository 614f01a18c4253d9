import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "../../src/resources/resource-types.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { type Event, event, histories, NAMES, type, World } from "./model-world.js";
import { EMPTY } from "./protocol/transcripts/content.js";
import type { Response } from "./protocol/transcripts/read-response.js";
import { PeerServer, SessionPeer } from "./protocol/transcripts/session-peer.js";

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

/** Two that accept everything, and perhaps one that rejects whatever holds the bad resource. */
class Neighbours {
	readonly innocents: readonly World[];
	readonly rejecter: World | undefined;
	/** All that the innocent ones were sent, without nonces. */
	readonly sent: string[] = [];

	constructor(modes: readonly Mode[], hasRejecter: boolean) {
		const server = new PeerServer();
		const [first, ...others] = modes.map(
			(mode, i) => new World(mode, i === 0 ? isBad : () => false, new SessionPeer(server)),
		);
		this.innocents = others;
		if (hasRejecter) this.rejecter = first;
	}

	apply(stream: number, event: Event): void {
		const isOfServer = ["put", "remove", "await"].includes(event.do);
		if (isOfServer) this.innocents[0]?.apply(event);
		else if (stream === 0) this.rejecter?.apply(event);
		else if (event.do !== "write") this.innocents[stream - 1]?.apply(event);
		for (const [i, world] of this.innocents.entries()) {
			const before = world.inFlight.length;
			world.write(1_000);
			// In no order: streams that ask for the same names share one Set of them.
			for (const { type, resources, removed, versions } of world.inFlight.slice(before))
				this.sent.push(JSON.stringify([i, type.id, [...resources].sort(), removed.toSorted(), [...versions].sort()]));
		}
	}

	close(): void {
		for (const { peer } of [...this.innocents, ...(this.rejecter ? [this.rejecter] : [])]) peer.close();
	}
}

describe.each<{ modes: readonly Mode[] }>([
	{ modes: ["sotw", "sotw", "sotw"] },
	{ modes: ["delta", "delta", "delta"] },
	{ modes: ["delta", "sotw", "sotw"] },
	{ modes: ["sotw", "delta", "sotw"] },
])("a client that rejects, with others beside it: $modes", ({ modes }) => {
	it("changes nothing for them: each message is as if it were not there (R7)", () => {
		const step = fc.record({ stream: fc.nat({ max: modes.length - 1 }), event: withBad });
		fc.assert(
			fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), (steps) => {
				const [beside, alone] = [new Neighbours(modes, true), new Neighbours(modes, false)];
				for (const { stream, event: each } of steps) {
					const event = (each.do === "reconnect" ? { ...each, keeps: false } : each) as Event;
					for (const neighbours of [beside, alone]) neighbours.apply(stream, event);
				}
				expect(beside.sent).toEqual(alone.sent);
				const rejecter = beside.rejecter as World;
				rejecter.settle();
				check(rejecter, modes[0] as Mode, false, beside.innocents[0]?.contents);
				expect(rejecter.nacks).toBeLessThanOrEqual(4 * steps.length);
				for (const neighbours of [beside, alone]) neighbours.close();
			}),
			histories(1_000, `one beside others rejects, ${modes.join()}`),
		);
	});
});

/** @param contents what there is, by type and name. */
function check(world: World, mode: Mode, mended: boolean, contents = world.contents): void {
	for (const client of world.clients.values()) {
		const set = world.peer.set(client.type);
		for (const name of NAMES) {
			const content = contents.get(`${client.type} ${name}`);
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
