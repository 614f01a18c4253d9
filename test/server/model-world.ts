import fc from "fast-check";
import { expect } from "vitest";
import { DiscoveryResponse } from "../../src/gen/envoy/service/discovery/v3/discovery.js";
import type { TypeId } from "../../src/resources/resource-type.js";
import { RESOURCE_TYPES } from "../../src/resources/resource-types.js";
import type { Mode } from "../../src/server/wire/mode.js";
import { type RandomRuns, randomRuns } from "../random-runs.js";
import { GONE, ModelClient } from "./model-client.js";
import { EMPTY, readContent } from "./protocol/transcripts/content.js";
import type { Response } from "./protocol/transcripts/read-response.js";
import { type Request, SessionPeer } from "./protocol/transcripts/session-peer.js";

export const NAMES = ["a", "b", "c"];
const TYPES = RESOURCE_TYPES.map(({ id }) => id);

export const type = fc.constantFrom(...TYPES);
export const name = fc.constantFrom(...NAMES);
const names = fc.uniqueArray(fc.constantFrom(...NAMES, "*"), { maxLength: 3 });

/** So many random histories in CI; the seed is printed, so that a run can be repeated with FC_SEED. */
export function histories(inCi: number, what: string): Required<RandomRuns> {
	const { numRuns, seed = (Math.random() * 2 ** 31) | 0 } = randomRuns(inCi);
	console.info(`${what}: ${numRuns} histories, seed ${seed}`);
	return { numRuns, seed };
}

/** What may happen, to the resources, on the wire, and at the client. */
export const event = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({ do: fc.constant("put"), type, name, content: fc.constantFrom("1", "2", EMPTY) }),
	},
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("remove"), type, name }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("await"), name, overdue: fc.boolean() }) },
	{ weight: 6, arbitrary: fc.record({ do: fc.constant("subscribe"), type, add: names, drop: names }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("repeat"), type }) },
	// The server may write as many; what it cannot write waits.
	{ weight: 5, arbitrary: fc.record({ do: fc.constant("write"), count: fc.constantFrom(1, 2, 100) }) },
	{ weight: 5, arbitrary: fc.record({ do: fc.constant("read"), count: fc.constantFrom(1, 100), bad: fc.boolean() }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect"), keeps: fc.boolean() }) },
);
/** The same, and changes in the middle of the next request. */
export const eventOrMeanwhile = fc.oneof(
	{ weight: 12, arbitrary: event },
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant("meanwhile"),
			type,
			name,
			content: fc.constantFrom("1", "2", undefined),
			step: fc.integer({ min: 1, max: 6 }),
		}),
	},
);
export type Event = typeof eventOrMeanwhile extends fc.Arbitrary<infer T> ? T : never;

/** A session, its client, and what is on its way between them. */
export class World {
	readonly peer: SessionPeer;
	readonly clients: ReadonlyMap<TypeId, ModelClient>;
	readonly inFlight: Response[] = [];
	/** `nonce name`: on its way to a client that has given the name up since. */
	readonly #givenUp = new Set<string>();
	/** What happens at a step of the next request. */
	readonly #meanwhile: { readonly step: number; readonly event: Event }[] = [];
	responses = 0;
	nacks = 0;
	/** By type and name what there is, also where something else is served in its place. */
	readonly contents = new Map<string, string>();
	readonly #rejects: ((response: Response) => boolean) | undefined;

	/**
	 * @param rejects what the client rejects, always; else it is as the events say.
	 * @param peer whose server others may have their streams to, too.
	 */
	constructor(mode: Mode, rejects?: (response: Response) => boolean, peer = new SessionPeer()) {
		this.#rejects = rejects;
		this.peer = peer;
		this.peer.open(mode);
		this.clients = new Map(TYPES.map((id) => [id, new ModelClient(id, mode)]));
	}

	apply(event: Event): void {
		switch (event.do) {
			case "put": {
				const { content } = event as { content: string };
				const { type, name } = event as { type: TypeId; name: string };
				this.put(type, name, content === EMPTY && type !== "eds" ? "0" : content);
				return;
			}
			case "remove": {
				const { type, name } = event as { type: TypeId; name: string };
				this.contents.delete(`${type} ${name}`);
				this.peer.remove(type, name);
				return;
			}
			case "meanwhile": {
				const { step, content, ...rest } = event as { step: number; content: string | undefined };
				const change = content === undefined ? { ...rest, do: "remove" } : { ...rest, do: "put", content };
				this.#meanwhile.push({ step, event: change as Event });
				return;
			}
			case "await": {
				const { name, overdue } = event as { name: string; overdue: boolean };
				this.peer.await("eds", name, overdue);
				return;
			}
			case "subscribe": {
				const { type, add, drop } = event as { type: TypeId; add: string[]; drop: string[] };
				const client = this.client(type);
				// A first empty list would be the old wildcard, which has its transcripts.
				if (!client.started && add.length === 0) return;
				// What a client gave up and then has by a wildcard, from a response that crossed both, no server can know of.
				const crosses = this.inFlight.some((response) => response.type.id === type);
				const subscribe = this.peer.mode === "delta" && crosses ? add.filter((name) => name !== "*") : add;
				// What is wanted again in the same request was not given up.
				const dropped = drop.filter((name) => !subscribe.includes(name));
				for (const { nonce } of this.inFlight.filter((response) => response.type.id === type))
					for (const name of dropped) this.#givenUp.add(`${nonce} ${name}`);
				if (subscribe.length > 0 || client.started) this.send(client.change(subscribe, drop));
				return;
			}
			case "repeat": {
				const client = this.client((event as { type: TypeId }).type);
				if (client.started) this.send(client.repeat());
				return;
			}
			case "write":
				this.write((event as { count: number }).count);
				return;
			case "read": {
				const { count, bad } = event as { count: number; bad: boolean };
				for (let i = 0; i < count && this.inFlight.length > 0; i++) this.read(bad ? "bad" : undefined);
				return;
			}
			case "reconnect": {
				const { keeps } = event as { keeps: boolean };
				this.inFlight.length = 0;
				this.peer.open(this.peer.mode);
				for (const client of this.clients.values()) {
					const request = client.reconnect(keeps);
					if (request) this.send(request);
				}
			}
		}
	}

	put(type: TypeId, name: string, content: string): void {
		this.contents.set(`${type} ${name}`, content);
		this.peer.put(type, name, content);
	}

	client(type: TypeId): ModelClient {
		return this.clients.get(type) as ModelClient;
	}

	send(request: Request): void {
		const changes = this.#meanwhile.splice(0);
		this.peer.send(request, (at) => {
			for (const { step, event } of changes) if (step === at) this.apply(event);
		});
	}

	/** @returns how many responses were due. */
	write(count: number): number {
		for (let i = 0; i < count; i++) {
			const response = this.peer.next();
			if (!response) return i;
			this.#checkSent(response);
			this.inFlight.push(response);
			this.responses++;
		}
		return count;
	}

	read(error: string | undefined): void {
		const response = this.inFlight.shift();
		if (!response) return;
		const rejected = this.#rejects ? (this.#rejects(response) ? "it is bad" : undefined) : error;
		if (rejected !== undefined) this.nacks++;
		this.send(this.client(response.type.id).receive(response, rejected));
	}

	/** Writes and reads all until nothing is due. @returns how many responses that took in each round. */
	settle(): number[] {
		const rounds: number[] = [];
		while (rounds.at(-1) !== 0) {
			if (rounds.length > 12) throw new Error(`no end of responses: ${rounds}`);
			while (this.inFlight.length > 0) this.read(undefined);
			rounds.push(this.write(1_000));
		}
		return rounds;
	}

	/** R19: what is unknown is neither removed nor emptied where the client has something. */
	#checkSent({ type, resources, removed }: Response): void {
		const set = this.peer.set(type.id);
		const client = this.client(type.id);
		const has = (name: string) => {
			const newest = this.inFlight.findLast(
				(other) =>
					other.type === type &&
					(other.resources.has(name) || other.removed.includes(name)) &&
					!this.#givenUp.has(`${other.nonce} ${name}`),
			);
			return newest ? newest.resources.get(name) : client.holds.get(name);
		};
		for (const name of NAMES.filter((name) => set.isAwaited(name) && !set.get(name))) {
			expect(removed, "an unknown name is removed").not.toContain(name);
			// Who rejected what came last still has something of which the server cannot know.
			if (resources.has(name) && !client.rejected.has(name))
				expect(has(name) ?? EMPTY, `${name} is unknown and was emptied`).toBe(EMPTY);
		}
	}

	/** What the client holds is what it wants of what there is. */
	check(): void {
		for (const client of this.clients.values()) this.#checkClient(client);
	}

	#checkClient(client: ModelClient): void {
		const { type, holds, rejected, refused } = client;
		if (!client.started) return;
		const set = this.peer.set(type);
		const present = set.size;
		const held: Record<string, string> = {};
		const expected: Record<string, string> = {};
		for (const name of NAMES) {
			const resource = set.get(name);
			const content = resource && contentOf(resource.sotw);
			if (!client.wants(name)) {
				if (holds.has(name)) held[name] = holds.get(name) as string;
				continue;
			}
			// Unknown: anything that it has is right. Rejected: what it had. Routes that are gone: SotW cannot tell.
			if (!content && set.isAwaited(name)) continue;
			if (
				refused.has(`${name} ${content ?? EMPTY}`) ||
				rejected.get(name) === (content ?? GONE) ||
				(!content && rejected.get(name) === EMPTY)
			)
				continue;
			if (!content && type === "rds" && this.peer.mode === "sotw") continue;
			held[name] = holds.get(name) ?? EMPTY;
			expected[name] = content ?? EMPTY;
		}
		expect(held, `${type}, of ${present} resources`).toEqual(expected);
	}
}

function contentOf(entry: Uint8Array): string {
	return readContent(DiscoveryResponse.decode(entry).resources[0]?.value ?? new Uint8Array()).content;
}
