import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import { VersionSum } from "../../../../src/resources/encoded-resource.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { TypeStream } from "../../../../src/server/protocol/acks/type-stream.js";
import { completeSet, isHeld } from "../../../../src/server/protocol/sotw/complete-set.js";
import { FormerResources } from "../../../../src/server/protocol/sotw/former-resources.js";
import { SotwNames } from "../../../../src/server/protocol/sotw/sotw-names.js";
import { atOnce } from "../../../../src/util/steps.js";
import { resourceOf } from "../transcripts/content.js";

const CDS = resourceType("cds");
const LDS = resourceType("lds");

let set: ResourceSet;
let stream: TypeStream;
let names: SotwNames;
let former: FormerResources;

function begin(created: ResourceSet): void {
	set = created;
	stream = new TypeStream("sotw", set, () => {});
	names = new SotwNames(set, { changed: () => {} });
	former = new FormerResources(stream);
}

beforeEach(() => begin(new ResourceSet(CDS)));

const of = (name: string, content = "1") => resourceOf(set.type, name, content);
const ask = (...list: string[]) => void atOnce(names.update(list));
const made = (leaving: readonly string[] = []) =>
	completeSet(
		stream,
		names,
		former,
		leaving.map((name) => of(name)),
	);
const namesIn = ({ resources }: ReturnType<typeof made>) => resources.map(({ name }) => name);

function put(...list: string[]): void {
	for (const name of list) set.put(of(name), 0);
}

describe("a complete set", () => {
	it("is all that is listed, at the version of the list", () => {
		put("a", "b");
		ask("*");
		expect([namesIn(made()), made().version]).toEqual([["a", "b"], set.listedVersion]);
	});

	it("is what is asked for and is there, at the version of that", () => {
		put("a", "b", "c");
		ask("a", "c", "gone");
		const { version } = made();
		expect([namesIn(made()), version]).toEqual([["a", "c"], new VersionSum().add(of("a")).add(of("c")).toString()]);
	});

	it("has what leaves, too, and another version", () => {
		put("a");
		ask("*");
		expect([namesIn(made(["b"])), made(["b"]).version]).toEqual([
			["a", "b"],
			new VersionSum().add(of("a")).add(of("b")).toString(),
		]);
	});

	it("has every resource, however many are asked for", () => {
		const list = Array.from({ length: 1_030 }, (_, i) => `n${i}`);
		put(...list);
		ask(...list);
		expect(namesIn(made())).toEqual(list);
	});

	it("has 1,024 resources at most that are made of their names, and all others", () => {
		begin(new ResourceSet(LDS, "grpc"));
		const list = Array.from({ length: 1_030 }, (_, i) => `grpc/server?xds.resource.listening_address=0.0.0.0:${i + 1}`);
		put("web");
		ask(...list, "web", "gone");
		expect(namesIn(made())).toEqual([...list.slice(0, 1_024), "web"]);
	});

	it("goes without what is rejected, or with what stands in for it", () => {
		put("a", "b");
		ask("*");
		const rejected = of("b");
		stream.nacks.add({ version: "v", names: ["b"], suspects: [rejected], accused: 1, error: "bad" });
		expect([namesIn(made()), made().version]).toEqual([["a"], new VersionSum().add(of("a")).toString()]);
		atOnce(former.acked([], true));
		former.sent("b", of("b", "0"));
		expect(made().resources.map(({ version }) => version)).toEqual([of("a").version, of("b", "0").version]);
		set.put(of("b", "2"), 1);
		expect(made().resources.map(({ version }) => version)).toEqual([of("a").version, of("b", "2").version]);
		expect(stream.nacks.of("b")).toBeUndefined();
	});

	it("goes with a rejected part that is tried", () => {
		put("a", "b");
		ask("*");
		stream.nacks.add({ version: "v", names: ["a", "b"], suspects: [of("a"), of("b")], accused: 2, error: "bad" });
		expect(namesIn(made())).toEqual([]);
		stream.nacks.takeProbe();
		expect(namesIn(made())).toEqual(["a"]);
	});
});

describe("a complete set that might lack what nobody knows of yet", () => {
	const sent = () => {
		const content = { resources: [], removed: [], accepted: false };
		stream.log.record(1, { nonce: "1", version: "v", content, replacedVersions: [], probe: false, since: undefined });
	};
	const held = () => [false, true].map((mayHaveMore) => isHeld(stream, names, mayHaveMore));

	it("is not held where everything is known", () => {
		ask("*");
		expect(held()).toEqual([false, false]);
	});

	it("is held by a wildcard until it is overdue, for those that came without a version", () => {
		ask("*");
		set.setOpenness("open", 0);
		expect(held()).toEqual([true, true]);
		set.setOpenness("overdue", 0);
		expect(held()).toEqual([false, true]);
		sent();
		expect(held()).toEqual([false, false]);
	});

	it("is not held by a wildcard where one was sent", () => {
		ask("*");
		sent();
		set.setOpenness("open", 0);
		expect(held()).toEqual([false, false]);
	});

	it("is held by a name that is not there, whatever was sent", () => {
		put("a");
		ask("a");
		set.setOpenness("open", 0);
		expect(held()).toEqual([false, false]);
		ask("a", "b");
		sent();
		expect(held()).toEqual([true, true]);
	});
});
