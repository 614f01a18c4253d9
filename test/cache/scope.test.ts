import { expect, it } from "vitest";
import { WHOLE } from "../../src/cache/scope.js";

it("who may see everything may see each name, is told of no bounds, and shares by the view alone", () => {
	expect(["web", "", "shop/web", "*"].map((name) => WHOLE.allows(name))).toEqual([true, true, true, true]);
	expect([WHOLE.key, WHOLE.isEmpty, WHOLE.tells]).toEqual(["", false, false]);
});
