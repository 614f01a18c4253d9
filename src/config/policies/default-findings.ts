import type { Finding } from "../../input/problem.js";

/** So many of those that a finding concerns are named. */
const NAMED = 3;

/** What is found of keys that stand in `defaults`: each is told once, where it is written, with whom it concerns. */
export class DefaultFindings {
	readonly #found = new Map<string, { readonly finding: Finding; readonly who: string[] }>();

	/** @param who whom it concerns, such as `service "web"`. */
	add(finding: Finding, who: string): void {
		const key = JSON.stringify([finding.path, finding.message]);
		const known = this.#found.get(key);
		if (known) known.who.push(who);
		else this.#found.set(key, { finding, who: [who] });
	}

	/** In the order in which they were found. */
	all(): readonly Finding[] {
		return [...this.#found.values()].map(({ finding, who }) => ({
			...finding,
			message: `${finding.message} (${concerned(who)})`,
		}));
	}
}

function concerned(who: readonly string[]): string {
	const more = who.length - NAMED;
	return `${who.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
