import { expect, it } from "vitest";
import { problemsByName } from "../../src/admin/problem-json.js";
import type { ResourceProblem } from "../../src/cache/resource-problem.js";
import { NOON } from "./fake-sources.js";

function problem(parts: Partial<ResourceProblem> = {}): ResourceProblem {
	const counts = { rejectedBy: 1, ackedBy: 2, isAccepted: true };
	return {
		name: "a",
		type: "eds",
		family: "envoy",
		reason: "rejected",
		message: "no",
		since: NOON,
		...counts,
		...parts,
	};
}

it("problems stand with their service, of each type, family and reason the first, in order", () => {
	const byName = problemsByName([
		problem({ family: "grpc", message: "first" }),
		problem({ family: "grpc", message: "another client's words" }),
		problem({ family: "grpc", reason: "tooLarge", rejectedBy: null, ackedBy: null }),
		problem({ type: "cds" }),
		problem({ name: "__proto__" }),
	]);
	expect([...byName.keys()]).toEqual(["a", "__proto__"]);
	const since = NOON.toISOString();
	const counts = { rejectedBy: 1, ackedBy: 2 };
	expect(byName.get("a")).toEqual([
		{ type: "cds", family: "envoy", reason: "rejected", message: "no", since, ...counts },
		{ type: "eds", family: "grpc", reason: "rejected", message: "first", since, ...counts },
		{ type: "eds", family: "grpc", reason: "tooLarge", message: "no", since, rejectedBy: null, ackedBy: null },
	]);
	expect(byName.get("b")).toBeUndefined();
});
