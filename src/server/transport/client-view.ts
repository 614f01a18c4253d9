import type { Cache } from "../../cache/cache.js";
import type { ResourceSet } from "../../cache/resource-set.js";
import type { Scope } from "../../cache/scope.js";
import type { TypeId } from "../../resources/resource-type.js";
import type { View } from "../../resources/view.js";
import type { Steps } from "../../util/steps.js";
import type { Accessor, AccessRules, MatchedRule } from "../access/access-rules.js";
import type { Session } from "../protocol/session.js";

/** What one stream sees: the view of its family, as far as the rules let it. */
export class ClientView {
	readonly #cache: Cache;
	readonly #access: () => AccessRules;
	#rules: AccessRules | undefined;
	#client: Accessor = { identity: undefined, node: undefined };
	#view: View = "envoy";
	#scope: Scope | undefined;

	/** @param access those that count now. */
	constructor(cache: Cache, access: () => AccessRules) {
		this.#cache = cache;
		this.#access = access;
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

	/** The rule that decides what it sees; undefined without rules. */
	get matched(): MatchedRule | undefined {
		return this.#rules?.matchOf(this.#client);
	}

	acquire(type: TypeId): Steps<ResourceSet> {
		return this.#cache.acquireInSteps(type, this.#view, this.#scope);
	}

	release(type: TypeId): void {
		this.#cache.release(type, this.#view, this.#scope);
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
		for (const type of session.types) this.#cache.release(type, this.#view, before);
	}
}
