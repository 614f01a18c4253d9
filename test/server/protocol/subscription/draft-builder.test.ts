import { describe, expect, it } from "vitest";
import { resourceType } from "../../../../src/resources/resource-types.js";
import { MAX_RESPONSE_BYTES } from "../../../../src/resources/response-size.js";
import { NOTHING } from "../../../../src/server/protocol/rules/versions.js";
import { DraftBuilder, MAX_WORK } from "../../../../src/server/protocol/subscription/draft-builder.js";
import { removalBytes } from "../../../../src/server/wire/resource-errors.js";
import { resourceOf } from "../transcripts/content.js";

const EDS = resourceType("eds");
const REST = { since: undefined, probe: false };

describe("a draft of a response", () => {
	it("says what is in it, what of that is replaced, and by which versions", () => {
		const builder = new DraftBuilder("delta");
		expect(builder.isEmpty).toBe(true);
		const resources = ["a", "b"].map((name) => resourceOf(EDS, name, "1"));
		const had = [NOTHING, "old"];
		expect(resources.map((each, i) => builder.add(each, had[i] as string))).toEqual([true, true]);
		expect(builder.isEmpty).toBe(false);
		expect(builder.finish("v", { since: 7, probe: true })).toEqual({
			...{ version: "v", resources, removed: [], absent: [], since: 7, probe: true },
			...{ replaced: ["b"], replacedVersions: [NOTHING, "old"] },
		});
	});

	it.each([
		["delta", ["a", "b", ""], ["a"]],
		["sotw", [], ["a"]],
	] as const)("tells in %s what is gone, and by an error what was asked for by a name", (mode, removed, absent) => {
		const builder = new DraftBuilder(mode);
		expect([builder.remove("a", true), builder.remove("b", false), builder.remove("", true)]).toEqual([
			true,
			true,
			true,
		]);
		expect(builder.finish("v", REST)).toMatchObject({ resources: [], removed, absent });
	});

	it.each([
		["a resource", (builder: DraftBuilder) => builder.add(resourceOf(EDS, "a", "1"), NOTHING)],
		["what is removed", (builder: DraftBuilder) => builder.remove("a", false)],
		["an error", (builder: DraftBuilder) => builder.remove("a", true)],
	])("is not empty with %s", (_, fill) => {
		const builder = new DraftBuilder("delta");
		fill(builder);
		expect(builder.isEmpty).toBe(false);
	});

	it("is not empty with an error alone", () => {
		const builder = new DraftBuilder("sotw");
		builder.remove("a", true);
		expect(builder.isEmpty).toBe(false);
	});

	it("takes what fills it to the last byte, and no byte more", () => {
		const large = resourceOf(EDS, "a", "3MB");
		const room = MAX_RESPONSE_BYTES - large.sotw.byteLength - removalBytes("sotw", "");
		const fitting = "n".repeat(room);
		const full = new DraftBuilder("sotw");
		expect([full.add(large, NOTHING), full.remove(`${fitting}n`, true), full.remove(fitting, true)]).toEqual([
			...[true, false, true],
		]);
		expect(full.add(resourceOf(EDS, "b", "1"), NOTHING)).toBe(false);
		const { resources, absent } = full.finish("v", REST);
		expect([resources, absent]).toEqual([[large], [fitting]]);
	});

	it("takes what is too large by itself where it is the first", () => {
		const builder = new DraftBuilder("sotw");
		expect(builder.add(resourceOf(EDS, "a", "5MB"), NOTHING)).toBe(true);
		expect(builder.add(resourceOf(EDS, "b", "1"), NOTHING)).toBe(false);
	});

	it("takes no more than can be put together in one go, and the most of what is encoded already", () => {
		const counts = [
			(builder: DraftBuilder, name: string) => builder.add(resourceOf(EDS, name, "1"), NOTHING),
			(builder: DraftBuilder, name: string) => builder.remove(name, true),
			(builder: DraftBuilder, name: string) => builder.add(resourceOf(EDS, name, "1"), NOTHING, true),
		].map((add) => {
			const builder = new DraftBuilder("delta");
			let count = 0;
			while (add(builder, `${count}`)) count++;
			return count;
		});
		expect(counts).toEqual([MAX_WORK, MAX_WORK / 2, MAX_WORK / 3]);
	});
});
