import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { Scope } from "../../cache/scope.js";
import { groupOf } from "../../model/traffic/subset.js";
import type { Place } from "../../model/zones/place.js";
import type { Zone } from "../../model/zones/zone.js";
import type { TypeId } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";
import type { Steps } from "../../util/steps.js";
import type { Accessor, AccessRules, MatchedRule } from "../access/access-rules.js";
import type { Session } from "../protocol/session.js";
import type { Places } from "./places.js";

/** What one stream sees: the view of its family and place, as far as the rules let it. */
export class ClientView {
	readonly #cache: Cache;
	readonly #access: () => AccessRules;
	#rules: AccessRules | undefined;
	#client: Accessor = { identity: undefined, node: undefined };
	#view: View = "envoy";
	#scope: Scope | undefined;
	readonly #places: Places;
	/** Where it stays, whatever becomes of the services: what it gets is the affair of its zone's sets. */
	#zone: Place | undefined;
	/** The place of its group in it, while groups are told apart and there is room for it. */
	#ofGroup: Place | undefined;
	/** The one of both that it gets the resources of. */
	#place: Place | undefined;
	/** Whether groups were told apart when it was last placed. */
	#hadGroups = false;
	#peer = "";

	/** @param access those that count now. */
	constructor(cache: Cache, access: () => AccessRules, places: Places) {
		this.#cache = cache;
		this.#access = access;
		this.#places = places;
	}

	get view(): View {
		return this.#view;
	}

	/** Who the client is; before anything is acquired. */
	identify(view: View, client: Accessor): void {
		this.#view = view;
		this.#client = client;
		this.#rules = this.#access();
		this.#scope = this.#rules.scopeOf(client);
	}

	/** Has it see what clients of its zone get. @param peer its address. @returns whether there was room for it. */
	enter(locality: Zone | undefined, peer: string): boolean {
		const place = this.#places.enter(locality, peer);
		this.#zone = place === "full" ? undefined : place;
		this.#peer = peer;
		this.#enterGroup();
		return place !== "full";
	}

	/** The zone whose resources it gets; undefined where it gets those of no zone. */
	get zone(): Zone | undefined {
		return this.#zone?.zone;
	}

	/** The group whose part of large services it gets; undefined while groups are not told apart, or without room for it. */
	get group(): number | undefined {
		return this.#place?.group;
	}

	/** It acquires nothing more. */
	close(): void {
		for (const place of [this.#ofGroup, this.#zone]) if (place) this.#places.leave(place);
		this.#zone = undefined;
		this.#ofGroup = undefined;
	}

	/** The rule that decides what it sees; undefined without rules. */
	get matched(): MatchedRule | undefined {
		return this.#rules?.matchOf(this.#client);
	}

	acquire(type: TypeId): Steps<ResourceSet> {
		return this.#cache.acquireInSteps(type, this.#view, this.#scope, this.#place);
	}

	release(type: TypeId): void {
		this.#cache.release(type, this.#view, this.#scope, this.#place);
	}

	/** Whether there are other rules by now than those that it was found by, or groups are told apart and were not, or the reverse. */
	get isOutdated(): boolean {
		if (this.#rules === undefined) return false;
		return this.#rules !== this.#access() || this.#cache.hasGroups !== this.#hadGroups;
	}

	/** Has the session go over to what the client may see by now. Not while it receives a request. */
	update(session: Pick<Session<never>, "move" | "types">): void {
		if (!this.isOutdated) return;
		const [scope, place, ofGroup] = [this.#scope, this.#place, this.#ofGroup];
		this.#rules = this.#access();
		this.#scope = this.#rules.scopeOf(this.#client);
		this.#enterGroup();
		// By now it is in it once more, or in none.
		if (ofGroup) this.#places.leave(ofGroup);
		if (this.#scope?.key === scope?.key && this.#place?.key === place?.key) return;
		session.move(performance.now());
		for (const type of session.types) this.#cache.release(type, this.#view, scope, place);
	}

	#enterGroup(): void {
		this.#hadGroups = this.#cache.hasGroups;
		const place = this.#hadGroups ? this.#places.enterGroup(this.#group, this.#zone, this.#peer) : undefined;
		this.#ofGroup = place === "full" ? undefined : place;
		this.#place = this.#ofGroup ?? this.#zone;
	}

	/** By what it has proved to be and says of itself, so that it is the same at every replica. */
	get #group(): number {
		const { identity = "", node } = this.#client;
		return groupOf(`${identity}\0${node?.id ?? ""}`);
	}
}
