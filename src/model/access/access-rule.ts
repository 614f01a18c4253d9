/** Who may see what: one rule of a list, of which the first that fits decides. In patterns `*` is any run of characters. */
export interface AccessRule {
	/** What the client's identity must match; `*` alone matches who has proved nothing, too. */
	readonly identity: string;
	/** Patterns of the services that it may see. */
	readonly services: readonly string[];
	/** What its node must match besides. A node is only a claim: this keeps honest clients apart. */
	readonly node?: { readonly id?: string | undefined; readonly cluster?: string | undefined } | undefined;
}

/** What a client hears of a service that it may not see: nothing, or that it is not for it. */
export const DENIALS = ["hidden", "told"] as const;
export type Denial = (typeof DENIALS)[number];

/** Who may look at other clients: who is on loopback, nobody, or whose identity matches one of these patterns. */
export type DebugAccess = "loopback" | "off" | readonly string[];
