import type { WantedNames } from "../../../../src/server/protocol/subscription/wanted-names.js";

/** The names that a stream wants, without a feed of changes. @param all whether a wildcard lists the others, too. */
export function wanted(names: readonly string[], all = false): WantedNames {
	const followed = new Set(names);
	return {
		...{ all, followed, cursor: undefined, areShareable: !all, close: () => {}, moveTo: () => {} },
		has: (name) => followed.has(name),
		wants: (name) => all || followed.has(name),
		[Symbol.iterator]: () => followed[Symbol.iterator](),
	};
}
