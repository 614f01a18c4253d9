import { beforeEach, describe, expect, it } from "vitest";
import { leftoversOf } from "../../src/catalog/keep/saved.js";
import { Leftovers } from "../../src/catalog/leftovers.js";
import type { Contribution } from "../../src/catalog/merge.js";
import { A, B, C } from "./catalog-lab.js";
import { at, service } from "./fake-provider.js";

let leftovers: Leftovers;

beforeEach(() => {
	leftovers = new Leftovers();
});

const of = (target: string, ...numbers: readonly number[]): Contribution => {
	return { target, priority: 0, endpoints: numbers.map((n) => at(n)) };
};

/** What is still needed beside the complete answers, and the partial ones of targets that are waited for. */
function beside(answered: readonly Contribution[], waiting: Readonly<Record<string, Contribution | undefined>> = {}) {
	const partial = Object.values(waiting).flatMap((each) => each ?? []);
	const whole = new Map(answered.map((each) => [each.target, each]));
	const left = leftovers.beside([...answered, ...partial], whole, new Set(Object.keys(waiting)));
	return left.map(({ target, endpoints }) => [
		target,
		...endpoints.map(({ address }) => address.replace("10.0.0.", "")),
	]);
}

describe("what is left of what the targets gave", () => {
	it("is nothing where all have answered, and what was kept is over then", () => {
		leftovers.keep([of(A, 1)]);
		expect(beside([of(B, 2)])).toEqual([]);
		expect(beside([], { [B]: undefined })).toEqual([[B, "2"]]);
	});

	it("is what was kept of others, as long as one is waited for, without what is there again", () => {
		leftovers.keep([of(A, 1, 2), of(C, 3)]);
		expect(beside([of(C, 2)], { [B]: undefined })).toEqual([[A, "1"]]);
		expect(beside([of(C, 4)], { [B]: of(B, 1) })).toEqual([[A, "2"]]);
		expect(beside([of(C, 4), of(B, 1)])).toEqual([]);
	});

	it("is the last complete answer of a target that has a partial one now, once", () => {
		expect(beside([of(A, 1, 2)])).toEqual([]);
		expect(beside([], { [A]: of(A, 1) })).toEqual([[A, "2"]]);
		expect(beside([], { [A]: of(A, 3) })).toEqual([[A, "1", "2"]]);
		expect(beside([of(A, 4)])).toEqual([]);
	});

	it("is nothing of a target that never answered", () => {
		expect(beside([], { [A]: undefined })).toEqual([]);
	});
});

describe("what an earlier process knew of targets that are others now", () => {
	const lastSuccess = new Date(0);
	const saved = (target: string, ...endpoints: readonly ReturnType<typeof at>[]) => ({
		...{ target, endpoints, whole: true, lastSuccess },
	});

	it("is their addresses, in their priorities", () => {
		const before = {
			name: "web",
			definition: service("web", [A, `${B} 1`, C]),
			targets: [saved(A, at(1)), saved(B, at(2))],
		};
		expect(leftoversOf(before, service("web", [A]))).toEqual([{ target: B, priority: 1, endpoints: [at(2)] }]);
		expect(leftoversOf(before, service("web", [C])).map(({ target }) => target)).toEqual([A, B]);
	});

	it("is no host name", () => {
		const named = at(1, { address: "web.internal" });
		const before = { name: "web", definition: service("web", [A]), targets: [saved(A, named, at(2))] };
		expect(leftoversOf(before, service("web", [B]))[0]?.endpoints).toEqual([at(2)]);
	});
});
