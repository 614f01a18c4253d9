/**
 * Which names a group of clients may see: a part of the key by which they share, as the view is. What a name becomes is
 * the affair of the view alone.
 */
export interface Scope {
	/** Equal exactly for scopes of the same names. */
	readonly key: string;
	/** Whether there is no name at all. */
	readonly isEmpty: boolean;
	/** Whether a name outside is refused in words. Otherwise it is as if it did not exist. */
	readonly tells: boolean;
	allows(name: string): boolean;
}

/** Of who may see everything. */
export const WHOLE: Scope = { key: "", isEmpty: false, tells: false, allows: () => true };
