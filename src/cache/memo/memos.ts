import { ChangeDrafts } from "./change-drafts.js";
import { EncodedResponses } from "./encoded-responses.js";
import { ExistingNames } from "./existing-names.js";
import { InitialDrafts } from "./initial-drafts.js";
import { SetDifferences } from "./set-differences.js";

/**
 * What streams that want the same share of a resource set. All of it is cleared by every change of
 * the set, so it never keeps a replaced resource in memory.
 */
export class Memos {
	readonly initial = { sotw: new InitialDrafts(), delta: new InitialDrafts() } as const;
	/**
	 * A SotW client that came with a version gets fewer placeholders than others (R41), so it shares
	 * with its like.
	 */
	readonly changes = { sotw: new ChangeDrafts(), sotwWithVersion: new ChangeDrafts(), delta: new ChangeDrafts() };
	readonly responses = { sotw: new EncodedResponses(), delta: new EncodedResponses() } as const;
	readonly existing = new ExistingNames();
	readonly differences = new SetDifferences();
	readonly #all = [
		...[this.initial, this.changes, this.responses].flatMap((memos) => Object.values<{ clear(): void }>(memos)),
		this.existing,
		this.differences,
	];

	clear(): void {
		for (const memo of this.#all) memo.clear();
	}
}
