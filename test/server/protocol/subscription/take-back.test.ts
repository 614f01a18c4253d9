import { beforeEach, describe, expect, it } from "vitest";
import { ResourceSet } from "../../../../src/cache/resource-set.js";
import type { EncodedResource } from "../../../../src/resources/encoded-resource.js";
import { resourceType } from "../../../../src/resources/resource-types.js";
import type { SentResponse } from "../../../../src/server/protocol/acks/response-log.js";
import { TypeStream } from "../../../../src/server/protocol/acks/type-stream.js";
import { REJECTED, UNKNOWN } from "../../../../src/server/protocol/rules/versions.js";
import { ClientVersions } from "../../../../src/server/protocol/subscription/client-versions.js";
import { Debts } from "../../../../src/server/protocol/subscription/debts.js";
import { takeBack } from "../../../../src/server/protocol/subscription/take-back.js";
import { EMPTY, resourceOf } from "../transcripts/content.js";
import { wanted } from "./wanted.js";

const EDS = resourceType("eds");
const NAMES = wanted(["a", "b", "c"]);

let set: ResourceSet;
let stream: TypeStream;
let versions: ClientVersions;
let debts: Debts;

beforeEach(() => {
	set = new ResourceSet(EDS);
	stream = new TypeStream("delta", set, () => {});
	versions = new ClientVersions(set, NAMES);
	debts = new Debts();
});

/** There is this of the name, and the client was sent it. */
function put(name: string, content = "1"): EncodedResource {
	const resource = resourceOf(EDS, name, content);
	set.put(resource, 0);
	versions.note(name, resource.version);
	return resource;
}

function response(
	resources: readonly EncodedResource[],
	removed: readonly string[] = [],
	replacedVersions: readonly string[] = [],
): SentResponse {
	const content = { resources, removed, accepted: false };
	return { nonce: "1", version: "v", content, replacedVersions, probe: false, since: undefined };
}

function rejected(sent: SentResponse, mayHaveMore = false) {
	const { suspects, accused } = takeBack(sent, stream, NAMES, versions, debts, mayHaveMore);
	return { suspects: suspects.map(({ name }) => name), accused };
}

describe("a rejected response", () => {
	it("may be rejected for what the client wants and is as it was", () => {
		const [a, b, other] = [put("a"), put("b"), put("x")];
		expect(rejected(response([a, b, other]))).toEqual({ suspects: ["a", "b"], accused: 3 });
	});

	it("leaves the client with what it had before, or with nothing that is known", () => {
		const [a, b] = [put("a"), put("b")];
		rejected(response([a, b], [], ["old", ""]));
		expect([versions.of("a"), versions.of("b")]).toEqual(["old", REJECTED]);
	});

	it("leaves a client that may have more with something that is not known", () => {
		rejected(response([put("a"), put("b")], [], ["old", ""]), true);
		expect([versions.of("a"), versions.of("b")]).toEqual(["old", UNKNOWN]);
	});

	it("leaves unknown what is on its way once more", () => {
		const a = put("a");
		stream.log.record(2, { ...response([a]), nonce: "2" });
		rejected(response([a], [], ["old"]));
		expect(versions.of("a")).toBe(UNKNOWN);
	});

	it("says nothing of a name that the client has in another version by now", () => {
		const a = put("a");
		versions.note("a", "other");
		rejected(response([a], [], ["old"]));
		expect(versions.of("a")).toBe("other");
	});

	it("of what has changed since is no reason to doubt the version before, unless that one's successor is rejected", () => {
		const [a, b] = [put("a"), put("b")];
		const [newest] = [put("a", "2"), put("b", "2")];
		stream.nacks.add({ version: "v", names: ["a"], suspects: [newest as EncodedResource], accused: 1, error: "bad" });
		expect(rejected(response([a, b]))).toEqual({ suspects: [], accused: 2 });
		expect([stream.nacks.canStandIn(a), stream.nacks.canStandIn(b)]).toEqual([false, true]);
	});

	it("was hardly rejected for what goes, where it came with something else: that goes once more", () => {
		const gone = resourceOf(EDS, "b", EMPTY);
		expect(rejected(response([put("a"), gone], ["c"]))).toEqual({ suspects: ["a"], accused: 1 });
		expect([...debts.leaving]).toEqual([
			["b", "placeholder"],
			["c", "removed"],
		]);
	});

	it("was rejected for what goes where it came alone: that goes no more", () => {
		expect(rejected(response([resourceOf(EDS, "b", EMPTY)], ["c"]))).toEqual({ suspects: [], accused: 0 });
		expect(debts.leaving.size).toBe(0);
	});

	it("takes nothing away that is there again, is unknown, or is not wanted", () => {
		const a = put("a");
		put("b");
		set.await("c", false, 0);
		rejected(response([a], ["b", "c", "x"]));
		expect(debts.leaving.size).toBe(0);
	});
});
