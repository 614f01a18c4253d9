import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mode } from "../../src/server/wire/mode.js";
import { namePattern } from "../../src/util/text/name-pattern.js";
import { type Event, eventOrMeanwhile, histories, NAMES, World } from "./model-world.js";
import { EMPTY } from "./protocol/transcripts/content.js";
import { ScopedPeer } from "./scoped-peer.js";

interface Allow {
	readonly do: "allow";
	readonly patterns: readonly string[];
	readonly tells: boolean;
}

const allow: fc.Arbitrary<Allow> = fc.record({
	do: fc.constant("allow" as const),
	patterns: fc.uniqueArray(fc.constantFrom(...NAMES, "*", "a*", "*c"), { maxLength: 2 }),
	tells: fc.boolean(),
});
interface Beat {
	readonly do: "beat";
	readonly late: boolean;
}

const beat: fc.Arbitrary<Beat> = fc.record({ do: fc.constant("beat" as const), late: fc.boolean() });
const steps = fc.array(
	fc.oneof({ weight: 5, arbitrary: eventOrMeanwhile }, { weight: 1, arbitrary: allow }, { weight: 1, arbitrary: beat }),
	{
		minLength: 1,
		maxLength: 40,
		size: "max",
	},
);

/** A world in which nothing may go out that the rules of the moment do not allow. */
class RuledWorld extends World {
	readonly #peer: ScopedPeer;

	constructor(mode: Mode, ttl: number | undefined) {
		const peer = new ScopedPeer();
		super(mode, undefined, peer);
		peer.ttl = ttl;
		this.#peer = peer;
	}

	take(step: Allow | Beat | Event): void {
		if (step.do === "beat") this.#peer.session.heartbeat((step as Beat).late);
		else if (step.do === "allow") this.#peer.allow((step as Allow).patterns, (step as Allow).tells);
		else this.apply(step as Event);
	}

	override write(count: number): number {
		const before = this.inFlight.length;
		const written = super.write(count);
		const patterns = this.#peer.allowed.map(namePattern);
		const isAllowed = (name: string) => patterns.some((fits) => fits(name));
		for (const { type, resources, bodiless, absent, refused } of this.inFlight.slice(before)) {
			const forbidden = absent.filter((name) => !isAllowed(name));
			expect(refused, "who is told that it is not for it").toEqual(this.#peer.tells ? forbidden : []);
			for (const [name, content] of resources) {
				if (isAllowed(name)) continue;
				// Made of the name that the client has said itself: there is nothing of the service in it.
				expect(`${type.id} ${content}`, `${name} is not for this client`).toBe(`eds ${EMPTY}`);
				expect(bodiless.has(name), `the version of ${name} is not for this client`).toBe(false);
			}
		}
		return written;
	}
}

describe.each<Mode>(["sotw", "delta"])("a %s session whose rules change", (mode) => {
	it.each([undefined, 60_000])(
		"never gets a byte that they do not allow, and ends with all that they do (ttl %s)",
		(ttl) => {
			fc.assert(
				fc.property(steps, (steps) => {
					const world = new RuledWorld(mode, ttl);
					for (const step of steps) world.take(step);
					const rounds = world.settle();
					world.check();
					expect(rounds.length).toBeLessThanOrEqual(4);
					expect(world.write(1), "a response though nothing changed").toBe(0);
					world.peer.close();
				}),
				histories(4_000, `rules change, ${mode}`),
			);
		},
	);
});

it("sends no heartbeat for what is gone and may no longer be seen", () => {
	const world = new RuledWorld("delta", 60_000);
	const history: (Allow | Beat | Event)[] = [
		{ do: "put", type: "cds", name: "a", content: "1" },
		{ do: "subscribe", type: "cds", add: ["a"], drop: [] },
		{ do: "write", count: 1 },
		{ do: "read", count: 1, bad: false },
		{ do: "beat", late: false },
		{ do: "remove", type: "cds", name: "a" },
		{ do: "allow", patterns: [], tells: false },
		{ do: "beat", late: false },
	];
	for (const step of history) world.take(step);
	world.settle();
	world.check();
	world.peer.close();
});
