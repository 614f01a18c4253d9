import type { Cursor } from "../../../cache/change-feed.js";
import type { Draft } from "../../../cache/memo/draft.js";
import type { TypeStream } from "../acks/type-stream.js";
import { responseKey } from "./response-key.js";

/** A stream that had everything up to its position. */
export interface SettledStream {
	/** The next response, for all that has changed. */
	make(): Draft | undefined;
	/** Whether it is owed nothing else, so that others at its position get the same. */
	isSettled(): boolean;
}

/** The next response of a settled stream: the first at a position makes it, the others reuse it. */
export function sharedDraft(
	{ mode, set }: TypeStream,
	mayHaveMore: boolean,
	cursor: Cursor,
	stream: SettledStream,
): Draft | undefined {
	const { feed, position } = cursor;
	const memo = set.memos.changes[mode === "sotw" && mayHaveMore ? "sotwWithVersion" : mode];
	const shared = memo.get(feed, position);
	if (shared) {
		cursor.skip();
		return shared;
	}
	const draft = stream.make();
	if (!draft || feed.size === 1 || !stream.isSettled() || cursor.isBehind) return draft;
	const keyed: Draft = { ...draft, key: responseKey(mode, set, draft, 0) };
	memo.set(feed, position, keyed);
	return keyed;
}
