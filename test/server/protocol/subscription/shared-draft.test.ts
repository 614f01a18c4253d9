import { beforeEach, describe, expect, it } from "vitest";
import type { Cursor, LazySubscriber } from "../../../../src/cache/change-feed.js";
import type { Draft } from "../../../../src/cache/memo/draft.js";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { TypeStream } from "../../../../src/server/protocol/acks/type-stream.js";
import { sharedDraft } from "../../../../src/server/protocol/subscription/shared-draft.js";
import type { Mode } from "../../../../src/server/wire/mode.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");
const NAMES = new Set(["a"]);

let set: ResourceSet;

beforeEach(() => {
	set = new ResourceSet(EDS);
});

/** A stream that follows the names. */
class Follower {
	readonly cursor: Cursor;
	made = 0;

	constructor() {
		const subscriber: LazySubscriber = { changed: () => {}, behind: () => {}, missed: () => {} };
		this.cursor = set.follow(NAMES, subscriber);
	}

	next({ mode = "delta" as Mode, mayHaveMore = false, settled = true, reads = true, nothing = false } = {}) {
		const make = () => {
			this.made++;
			if (reads) this.cursor.read();
			const rest = { removed: [], replaced: [], replacedVersions: [""], since: 0, probe: false };
			return nothing ? undefined : ({ version: "v", resources: [set.get("a")], ...rest } as unknown as Draft);
		};
		return sharedDraft(new TypeStream(mode, set, () => {}), mayHaveMore, this.cursor, {
			make,
			isSettled: () => settled,
		});
	}
}

function change(content: string): void {
	set.put(resourceOf(EDS, "a", content), 0);
}

describe("the next response of streams at one position", () => {
	it("is made once, and has its key", () => {
		const [one, other] = [new Follower(), new Follower()];
		change("1");
		const draft = one.next();
		expect([draft?.key, other.next() === draft, other.made, other.cursor.isBehind]).toEqual([
			...[set.get("a"), true, 0, false],
		]);
		change("2");
		expect([one.next() === draft, one.made]).toEqual([false, 2]);
	});

	it("is each stream's own where it is owed more, where it did not read all, and where there is none", () => {
		for (const condition of [{ settled: false }, { reads: false }, { nothing: true }]) {
			const [one, other] = [new Follower(), new Follower()];
			change(JSON.stringify(condition));
			expect(one.next(condition)?.key).toBeUndefined();
			other.next();
			expect(other.made).toBe(1);
		}
	});

	it("has no key where nobody else follows the names", () => {
		const alone = new Follower();
		change("1");
		expect(alone.next()).toBeDefined();
		set.follow(NAMES, { changed: () => {} });
		change("2");
		expect(alone.next()?.key).toBe(set.get("a"));
	});

	it("is another one for SotW, and there for who came with a version", () => {
		const [a, b, c, d, e] = Array.from({ length: 5 }, () => new Follower()) as [
			...[Follower, Follower, Follower, Follower, Follower],
		];
		change("1");
		const delta = a.next({ mayHaveMore: true });
		expect(b.next()).toBe(delta);
		const sotw = c.next({ mode: "sotw" });
		const withVersion = d.next({ mode: "sotw", mayHaveMore: true });
		expect(new Set([delta, sotw, withVersion]).size).toBe(3);
		expect(e.next({ mode: "sotw", mayHaveMore: true })).toBe(withVersion);
		expect([b.made, c.made, d.made, e.made]).toEqual([0, 1, 1, 0]);
	});
});
