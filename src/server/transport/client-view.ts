import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { Scope } from "../../cache/scope.js";
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
	/** It stays there, whatever becomes of the services: what it gets is the affair of its place's sets. */
	#place: Place | undefined;

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
		if (place === "full") return false;
		this.#place = place;
		return true;
	}

	/** The zone whose resources it gets; undefined where it gets those of no zone. */
	get zone(): Zone | undefined {
		return this.#place?.zone;
	}

	/** It acquires nothing more. */
	close(): void {
		if (this.#place) this.#places.leave(this.#place);
		this.#place = undefined;
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

	/** Whether there are other rules by now than those that it was found by. */
	get isOutdated(): boolean {
		return this.#rules !== undefined && this.#rules !== this.#access();
	}

	/** Has the session go over to what the client may see by now. Not while it receives a request. */
	update(session: Pick<Session<never>, "move" | "types">): void {
		if (!this.isOutdated) return;
		const before = this.#scope;
		this.#rules = this.#access();
		this.#scope = this.#rules.scopeOf(this.#client);
		if (this.#scope?.key === before?.key) return;
		session.move(performance.now());
		for (const type of session.types) this.#cache.release(type, this.#view, before, this.#place);
	}
}
