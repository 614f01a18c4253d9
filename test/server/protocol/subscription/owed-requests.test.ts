import { beforeEach, describe, expect, it } from "vitest";
import type { Draft } from "../../../../src/cache/memo/draft.js";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { TypeStream } from "../../../../src/server/protocol/acks/type-stream.js";
import { DeltaNames } from "../../../../src/server/protocol/delta/delta-names.js";
import { NOTHING, UNKNOWN } from "../../../../src/server/protocol/rules/versions.js";
import { Owed } from "../../../../src/server/protocol/subscription/owed.js";
import { atOnce } from "../../../../src/util/steps.js";
import { resourceOf } from "../transcripts/content.js";

const CDS = resourceType("cds");

let set: ResourceSet;
let stream: TypeStream;
let owed: Owed<DeltaNames>;
let timesDue: number;

beforeEach(() => begin());

function begin(type = CDS): void {
	set = new ResourceSet(type);
	timesDue = 0;
	stream = new TypeStream("delta", set, () => timesDue++);
	owed = new Owed(stream, DeltaNames);
}

function put(...names: string[]): void {
	for (const name of names) set.put(resourceOf(set.type, name, "1"), 0);
}

/** The client wants these, and has them. */
function have(...names: string[]): void {
	put(...names);
	for (const name of names) {
		owed.names.add(name);
		owed.ask(name, NOTHING);
	}
	owed.next("update");
	expect(owed.isDue).toBe(false);
}

const versionOf = (name: string) => set.get(name)?.version ?? NOTHING;
const said = (draft: Draft | undefined) =>
	draft && [draft.resources.map(({ name }) => name).join(""), draft.removed.join("")];
const next = () => [said(owed.next("update")), said(owed.next("removal"))];
const reject = (name: string) => {
	const resource = resourceOf(set.type, name, "1");
	stream.nacks.add({ version: "v", names: [name], suspects: [resource], accused: 1, error: "bad" });
	stream.nacks.takeStuck();
};

describe("what a client brings", () => {
	const bring = (name: string, version: string, waits = false) => {
		owed.names.add(name);
		owed.bring(name, version, waits);
		return owed.isDue;
	};

	it("is not sent again where it is the newest, unless the client waits for it", () => {
		put("a", "b");
		expect([bring("a", versionOf("a")), owed.hasAcked("a")]).toEqual([false, true]);
		expect([bring("b", versionOf("b"), true), next()]).toEqual([true, [["b", ""], undefined]]);
	});

	it("is sent where it is another, and goes where it is gone", () => {
		put("a");
		expect([bring("a", "old"), owed.versionOf("a"), owed.hasAcked("a")]).toEqual([true, "old", false]);
		expect(bring("gone", "old")).toBe(true);
		expect(next()).toEqual([
			["a", ""],
			["", "gone"],
		]);
	});

	it("waits where it is not known yet", () => {
		set.await("a", false, 0);
		bring("a", "old");
		expect(next()).toEqual([undefined, undefined]);
		put("a");
		expect(next()).toEqual([["a", ""], undefined]);
	});

	it("goes where it is not wanted, though it is there", () => {
		put("a");
		owed.bring("a", "old");
		expect(next()).toEqual([undefined, ["", "a"]]);
	});

	it("is not what a wildcard of the same request took for gone", () => {
		owed.names.subscribeAll();
		owed.bring("x", "old");
		owed.names.add("x");
		put("x");
		owed.bring("x", versionOf("x"));
		expect(next()).toEqual([undefined, undefined]);
	});
});

describe("what a client asks for", () => {
	it("is sent whatever it has, and told to be gone", () => {
		have("a");
		owed.ask("a", versionOf("a"));
		owed.names.add("gone");
		owed.ask("gone", NOTHING);
		expect(owed.isDueFor("a")).toBe(true);
		expect(next()).toEqual([["a", "gone"], undefined]);
	});

	it("is no longer rejected", () => {
		have("a");
		reject("a");
		owed.ask("a", NOTHING);
		expect([stream.nacks.size, next()]).toEqual([0, [["a", ""], undefined]]);
	});

	it("by a wildcard is answered even if there is nothing, once", () => {
		owed.names.subscribeAll();
		owed.askResponse();
		expect([owed.isDue, next(), next()]).toEqual([true, [["", ""], undefined], [undefined, undefined]]);
	});

	it("by a wildcard is not answered before what goes", () => {
		have("a");
		owed.names.subscribeAll();
		set.remove("a", 1);
		owed.askResponse();
		expect(next()).toEqual([undefined, ["", "a"]]);
	});

	it("and gives up is owed no more, and not rejected", () => {
		have("a", "b");
		reject("a");
		set.remove("b", 1);
		owed.forget("a");
		owed.forget("b");
		expect([stream.nacks.size, owed.isDue, next()]).toEqual([0, false, [undefined, undefined]]);
	});
});

describe("a wildcard that is given up", () => {
	it("leaves what is asked for by itself, and nothing of the rest", () => {
		put("a", "b", "c", "d");
		owed.names.subscribeAll();
		for (const name of ["a", "b", "c", "d"]) owed.ask(name, NOTHING);
		owed.names.add("a");
		owed.next("update");
		set.remove("c", 1);
		set.put(resourceOf(CDS, "b", "2"), 1);
		set.put(resourceOf(CDS, "a", "2"), 1);
		reject("d");
		owed.askResponse();
		owed.names.unsubscribeAll();
		atOnce(owed.forgetUnwanted());
		expect([stream.nacks.size, owed.versionOf("b"), owed.isDueFor("a")]).toEqual([0, NOTHING, true]);
		expect([next(), owed.isDue]).toEqual([[["a", ""], undefined], false]);
	});
});

describe("what is sent again", () => {
	it("is what is asked for by itself, though it has not changed", () => {
		have("a");
		const before = timesDue;
		owed.resend("b");
		expect([owed.isDue, timesDue]).toEqual([false, before]);
		owed.resend("a");
		expect([owed.isDue, timesDue, next()]).toEqual([true, before + 1, [["a", ""], undefined]]);
	});

	it("is a version that others have ACKed, where the newest is rejected", () => {
		have("a");
		set.accept({ resources: [set.get("a") as never], removed: [], accepted: false });
		const newest = resourceOf(CDS, "a", "2");
		set.put(newest, 1);
		owed.next("update");
		stream.nacks.add({ version: "v", names: ["a"], suspects: [newest], accused: 1, error: "bad" });
		stream.nacks.takeStuck();
		owed.resend("a");
		expect(owed.next("update")?.resources.map(({ version }) => version)).toEqual([resourceOf(CDS, "a", "1").version]);
	});
});

describe("what a client has", () => {
	it("is ACKed where it is the newest, is wanted and is not on its way", () => {
		have("a");
		put("x");
		expect([owed.hasAcked("a"), owed.hasAcked("x"), owed.hasAcked("gone")]).toEqual([true, false, false]);
		const content = { resources: [set.get("a") as never], removed: [], accepted: false };
		stream.log.record(1, { nonce: "1", version: "v", content, replacedVersions: [""], probe: false, since: undefined });
		expect(owed.hasAcked("a")).toBe(false);
		stream.log.acknowledge("1", undefined);
		expect(owed.hasAcked("a")).toBe(true);
		set.put(resourceOf(CDS, "a", "2"), 1);
		expect(owed.hasAcked("a")).toBe(false);
		set.remove("a", 2);
		expect(owed.hasAcked("a")).toBe(false);
	});

	it("is in doubt once it may have lost it", () => {
		have("a");
		owed.doubtAll();
		expect([owed.versionOf("a"), [...owed.held()]]).toEqual([UNKNOWN, [["a", UNKNOWN]]]);
	});

	it("is nothing where it is to get all at first, until something else is asked", () => {
		put("a", "b");
		owed.names.begin(new Set(["a", "b"]));
		owed.askInitial();
		expect([owed.hasAcked("a"), owed.isIdle, owed.isDueFor("a")]).toEqual([false, false, true]);
		set.put(resourceOf(CDS, "a", "2"), 1);
		owed.forget("b");
		expect(next()).toEqual([["a", ""], undefined]);
	});
});

it("names that are not there by now are gone, or empty, once all is settled", () => {
	begin(resourceType("eds"));
	owed.names.add("a");
	owed.bring("a", "old");
	set.setOpenness("open", 0);
	owed.next("update");
	const before = timesDue;
	owed.settled(1);
	expect([timesDue, owed.isDueFor("a")]).toEqual([before + 1, true]);
});

it("nothing is owed once it is closed", () => {
	have("a");
	set.put(resourceOf(CDS, "a", "2"), 1);
	expect(owed.isDue).toBe(true);
	owed.close();
	expect([owed.isDue, owed.names.size, set.subscriptions, owed.versionOf("a")]).toEqual([false, 0, 0, NOTHING]);
});
