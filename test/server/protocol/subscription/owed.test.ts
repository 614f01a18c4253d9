import { beforeEach, describe, expect, it } from "vitest";
import type { Draft } from "../../../../src/cache/memo/draft.js";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { TypeStream } from "../../../../src/server/protocol/acks/type-stream.js";
import { DeltaNames } from "../../../../src/server/protocol/delta/delta-names.js";
import { NOTHING, UNKNOWN } from "../../../../src/server/protocol/rules/versions.js";
import { Owed } from "../../../../src/server/protocol/subscription/owed.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");
const CDS = resourceType("cds");

let set: ResourceSet;
let clock: number;

beforeEach(() => {
	set = new ResourceSet(EDS);
	clock = 0;
	for (const name of ["a", "b"]) put(name, "1");
});

function put(name: string, content: string): void {
	set.put(resourceOf(set.type, name, content), ++clock);
}

/** A delta stream that was told of these names. */
function stream(names: ReadonlySet<string>) {
	let timesDue = 0;
	const typeStream = new TypeStream("delta", set, () => timesDue++);
	const owed = new Owed(typeStream, DeltaNames);
	owed.names.begin(names);
	owed.askInitial();
	return { owed, stream: typeStream, timesDue: () => timesDue, initial: owed.next("update") };
}

const namesIn = (draft: Draft | undefined) => draft?.resources.map(({ name }) => name);

describe("streams that ask for the same names", () => {
	it("get the very same drafts, as long as they stand at the same place", () => {
		const names = new Set(["a", "b"]);
		const [one, other] = [stream(names), stream(names)];
		expect(other.initial).toBe(one.initial);
		put("a", "2");
		const draft = one.owed.next("update");
		expect([namesIn(draft), other.owed.next("update") === draft]).toEqual([["a"], true]);
		put("a", "3");
		put("b", "2");
		const later = other.owed.next("update");
		expect([namesIn(later), one.owed.next("update") === later, later !== draft]).toEqual([["a", "b"], true, true]);
		expect([one, other].map(({ owed }) => [owed.isDue, owed.next("update"), owed.next("removal")])).toEqual(
			[0, 0].map(() => [false, undefined, undefined]),
		);
	});

	it("get drafts of their own where one stands elsewhere, rejects something, or has another version", () => {
		const names = new Set(["a", "b"]);
		const [one, other, third] = [stream(names), stream(names), stream(names)];
		put("a", "2");
		one.owed.next("update");
		put("b", "2");
		expect([namesIn(one.owed.next("update")), namesIn(other.owed.next("update"))]).toEqual([["b"], ["a", "b"]]);
		third.owed.next("update");
		const nacked = set.get("a");
		const error = { version: "v", names: ["a"], suspects: nacked ? [nacked] : [], accused: 1, error: "bad" };
		other.stream.nacks.add(error);
		put("b", "3");
		const draft = one.owed.next("update");
		const own = other.owed.next("update");
		expect([namesIn(own), own !== draft, third.owed.next("update") === draft]).toEqual([["b"], true, true]);
	});

	it("have a key for the encoded response of what they share, and no key where one is alone", () => {
		const names = new Set(["a", "b"]);
		const alone = stream(names);
		put("a", "2");
		expect(alone.owed.next("update")?.key).toBeUndefined();
		stream(names);
		put("a", "3");
		expect(alone.owed.next("update")?.key).toBe(set.get("a"));
	});
});

describe("what a stream is owed", () => {
	it("is due for a name as long as it was not sent", () => {
		const { owed } = stream(new Set(["a", "b"]));
		expect(["a", "b", "c"].map((name) => owed.isDueFor(name))).toEqual([false, false, false]);
		put("a", "2");
		expect(["a", "b", "c"].map((name) => owed.isDueFor(name))).toEqual([true, false, false]);
		owed.next("update");
		expect(owed.isDueFor("a")).toBe(false);
		const fresh = new Owed(new TypeStream("delta", set, () => {}), DeltaNames);
		fresh.names.begin(new Set(["a"]));
		fresh.askInitial();
		expect([fresh.isDueFor("a"), fresh.isDueFor("b"), fresh.isDue]).toEqual([true, false, true]);
	});

	it("is held where nothing is to be said of it", () => {
		set = new ResourceSet(CDS);
		for (const name of ["a", "b", "c"]) put(name, "1");
		const { owed } = stream(new Set(["a", "b", "c"]));
		const held = () => [...owed.held()].map(([name]) => name);
		expect(held()).toEqual(["a", "b", "c"]);
		put("a", "2");
		set.remove("b", ++clock);
		expect(held()).toEqual(["c"]);
		owed.next("update");
		expect(held()).toEqual(["a", "c"]);
		owed.next("removal");
		expect([held(), owed.versionOf("b"), owed.versionOf("a")]).toEqual([["a", "c"], NOTHING, set.get("a")?.version]);
	});

	it("is idle only while nothing is due, in flight or rejected", () => {
		const { owed, stream: typeStream } = stream(new Set(["a"]));
		expect(owed.isIdle).toBe(true);
		const content = { resources: [], removed: [], accepted: false };
		const plain = { replacedVersions: [], probe: false, since: undefined };
		typeStream.log.record(1, { nonce: "1", version: "v", content, ...plain });
		expect(owed.isIdle).toBe(false);
		typeStream.log.acknowledge("1", undefined);
		expect(owed.isIdle).toBe(true);
		put("a", "2");
		expect(owed.isIdle).toBe(false);
		owed.next("update");
		const suspects = [...(set.get("a") ? [set.get("a") as never] : [])];
		typeStream.nacks.add({ version: "v", names: ["a"], suspects, accused: 1, error: "bad" });
		expect(owed.isIdle).toBe(false);
	});

	it("is announced once for a name of the list, and at each change of one that came later", () => {
		const { owed, timesDue } = stream(new Set(["a"]));
		put("a", "2");
		put("a", "3");
		expect(timesDue()).toBe(1);
		owed.names.add("c");
		put("c", "1");
		put("c", "2");
		expect([timesDue(), namesIn(owed.next("update"))?.sort()]).toEqual([3, ["a", "c"]]);
	});

	it("is sent once where more is asked for before the initial response", () => {
		const owed = new Owed(new TypeStream("delta", set, () => {}), DeltaNames);
		owed.names.begin(new Set(["a", "b"]));
		owed.askInitial();
		owed.ask("a", NOTHING);
		expect([namesIn(owed.next("update"))?.sort(), owed.isDue, owed.next("update")]).toEqual([
			...[["a", "b"], false, undefined],
		]);
	});

	it("is not what the client says that it has before the initial response", () => {
		const owed = new Owed(new TypeStream("delta", set, () => {}), DeltaNames);
		owed.names.begin(new Set(["a", "b"]));
		owed.askInitial();
		owed.bring("a", set.get("a")?.version ?? "");
		expect([namesIn(owed.next("update")), owed.isDue]).toEqual([["b"], false]);
	});

	it("is nothing that the client surely has once that is in doubt, though it has just gone", () => {
		const { owed } = stream(new Set(["a", "b", "c"]));
		set.remove("a", ++clock);
		owed.doubtAll();
		expect(["a", "b", "c"].map((name) => owed.versionOf(name))).toEqual([UNKNOWN, UNKNOWN, NOTHING]);
	});

	it("is an empty answer with the updates where there is nothing to remove", () => {
		const { owed } = stream(new Set(["a"]));
		owed.askResponse();
		expect(owed.next("removal")).toBeUndefined();
		expect([namesIn(owed.next("update")), owed.next("update")]).toEqual([[], undefined]);
	});

	it("has no removals before the initial response", () => {
		const owed = new Owed(new TypeStream("delta", set, () => {}), DeltaNames);
		owed.names.begin(new Set(["a"]));
		owed.askInitial();
		set.remove("a", ++clock);
		expect(owed.next("removal")).toBeUndefined();
		expect(owed.next("update")?.removed).toEqual(["a"]);
	});
});
