import { beforeEach, describe, expect, it } from "vitest";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { MAX_RESPONSE_BYTES } from "../../../../src/resources/response-size.js";
import { DueHeartbeats } from "../../../../src/server/protocol/delta/due-heartbeats.js";
import { resourceOf } from "../transcripts/content.js";

let heartbeats: DueHeartbeats;

beforeEach(() => {
	heartbeats = new DueHeartbeats();
});

const sent = (resources: readonly string[], removed: readonly string[]) => ({
	...{ nonce: "1", version: "v", replacedVersions: [], probe: false, since: undefined },
	content: { resources: resources.map((name) => resourceOf(resourceType("cds"), name, "1")), removed, accepted: false },
});

describe("heartbeats that are due", () => {
	it("are none at first", () => {
		expect([heartbeats.size, heartbeats.next("v", () => "")]).toEqual([0, undefined]);
	});

	it("go once, with nothing else", () => {
		heartbeats.add("a", "1");
		heartbeats.add("b", "2");
		expect(heartbeats.size).toBe(2);
		const beats = [
			{ name: "a", version: "1" },
			{ name: "b", version: "2" },
		];
		expect(heartbeats.next("v", (name) => (name === "a" ? "1" : "2"))).toEqual({
			...{ version: "v", resources: [], removed: [], heartbeats: beats },
			...{ since: undefined, replaced: [], replacedVersions: [], probe: false },
		});
		expect([heartbeats.size, heartbeats.next("v", () => "1")]).toEqual([0, undefined]);
	});

	it("are dropped where the client has another version by now", () => {
		heartbeats.add("a", "1");
		heartbeats.add("b", "1");
		expect(heartbeats.next("v", (name) => (name === "a" ? "2" : "1"))?.heartbeats).toEqual([
			{ name: "b", version: "1" },
		]);
		heartbeats.add("a", "1");
		expect([heartbeats.next("v", () => "2"), heartbeats.size]).toEqual([undefined, 0]);
	});

	it("are split to what every client receives, and the first goes whatever its size", () => {
		const long = "n".repeat(MAX_RESPONSE_BYTES / 2);
		for (const end of ["1", "2", "3"]) heartbeats.add(long + end, end);
		const next = () => heartbeats.next("v", (name) => name.slice(-1))?.heartbeats?.map(({ version }) => version);
		expect([next(), next(), next(), next()]).toEqual([["1"], ["2"], ["3"], undefined]);
		heartbeats.add("n".repeat(2 * MAX_RESPONSE_BYTES), "n");
		expect(heartbeats.next("v", () => "n")?.heartbeats).toHaveLength(1);
		for (const end of ["1", "2", "3"]) heartbeats.add(long.slice(99) + end, end);
		expect(next()).toEqual(["1", "2"]);
	});

	it("are none once they are cleared", () => {
		heartbeats.add("a", "1");
		heartbeats.clear();
		expect(heartbeats.size).toBe(0);
	});
});

it("heartbeats fill a response to the last byte, with 48 of them for each entry besides its name", () => {
	const name = "n".repeat(MAX_RESPONSE_BYTES / 2 - 48);
	const fits = (last: string) => {
		heartbeats.clear();
		heartbeats.add(name, "1");
		heartbeats.add(last, "1");
		return heartbeats.next("v", () => "1")?.heartbeats?.length;
	};
	expect([fits(`m${name.slice(1)}`), fits(`m${name}`)]).toEqual([2, 1]);
});

describe("a response of heartbeats alone", () => {
	it("is one that holds nothing else, where heartbeats were sent", () => {
		expect(heartbeats.isHeartbeat(sent([], []))).toBe(false);
		heartbeats.add("a", "1");
		expect(heartbeats.isHeartbeat(sent([], []))).toBe(false);
		heartbeats.next("v", () => "1");
		expect(heartbeats.isHeartbeat(sent([], []))).toBe(true);
		expect([heartbeats.isHeartbeat(sent(["a"], [])), heartbeats.isHeartbeat(sent([], ["a"]))]).toEqual([false, false]);
	});
});
