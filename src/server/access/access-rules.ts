import type { Scope } from "../../cache/scope.js";
import type { AccessRule, Denial } from "../../model/access/access-rule.js";
import { namePattern } from "../../util/text/name-pattern.js";

/** A client, as rules see it. */
export interface Accessor {
	/** Who it has proved to be; undefined for who has proved nothing. */
	readonly identity: string | undefined;
	/** What it says of itself. */
	readonly node: { readonly id: string; readonly cluster: string } | undefined;
}

type Matches = (text: string) => boolean;

/** Which rule decides for a client. */
export interface MatchedRule {
	/** Its place among the rules, from 0; null where none fits. */
	readonly rule: number | null;
	/** As the rule has it. */
	readonly identity: string | null;
	readonly services: readonly string[];
}

const NO_RULE: MatchedRule = { rule: null, identity: null, services: [] };

interface Rule {
	readonly shown: MatchedRule;
	readonly identity: Matches;
	readonly id: Matches | undefined;
	readonly cluster: Matches | undefined;
	/** Undefined where it is of all names. */
	readonly scope: Scope | undefined;
}

/** Who may see what, by the first rule that fits. It does not change: other rules are another object. */
export class AccessRules {
	readonly #rules: readonly Rule[] | undefined;
	/** Of whom no rule fits. */
	readonly #nothing: Scope;

	/** @param rules who may connect sees everything unless they are given. */
	constructor(rules?: readonly AccessRule[], denied: Denial = "hidden") {
		const tells = denied === "told";
		this.#nothing = scopeOf([], tells);
		this.#rules = rules?.map(({ identity, services, node }, rule) => ({
			shown: { rule, identity, services },
			identity: namePattern(identity),
			id: node?.id === undefined ? undefined : namePattern(node.id),
			cluster: node?.cluster === undefined ? undefined : namePattern(node.cluster),
			scope: services.some((pattern) => /^\*+$/.test(pattern)) ? undefined : scopeOf(services, tells),
		}));
	}

	/** What the client may see; undefined for everything. */
	scopeOf(client: Accessor): Scope | undefined {
		if (!this.#rules) return undefined;
		const rule = this.#firstOf(client);
		return rule ? rule.scope : this.#nothing;
	}

	/** Which rule says so, for people; undefined without rules. */
	matchOf(client: Accessor): MatchedRule | undefined {
		return this.#rules && (this.#firstOf(client)?.shown ?? NO_RULE);
	}

	#firstOf({ identity = "", node }: Accessor): Rule | undefined {
		const { id = "", cluster = "" } = node ?? {};
		return this.#rules?.find(
			(rule) => rule.identity(identity) && (rule.id?.(id) ?? true) && (rule.cluster?.(cluster) ?? true),
		);
	}
}

function scopeOf(services: readonly string[], tells: boolean): Scope {
	const patterns = [...new Set(services)].sort();
	const matches = patterns.map(namePattern);
	return {
		key: JSON.stringify([tells, ...patterns]),
		isEmpty: patterns.length === 0,
		tells,
		allows: (name) => matches.some((fits) => fits(name)),
	};
}
